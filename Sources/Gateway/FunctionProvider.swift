public import OpenFaaSAPI
public import Provider

/// Who runs the functions: faasd's own provider on this machine, or any OpenFaaS provider over HTTP.
///
/// Every call throws `ProviderError`.
public protocol FunctionProvider: Sendable {
    /// Names the provider, for `/system/info`.
    func info() async throws -> ProviderInfo

    /// The functions of a namespace.
    func list(namespace: String, usage: Bool) async throws -> [FunctionStatus]
    /// One function; `nil` when it is not there.
    func status(of name: FunctionName, usage: Bool) async throws -> FunctionStatus?
    /// What each replica has used so far; nothing where the provider is elsewhere and tells it itself.
    func replicaUsage() async -> [ReplicaUsage]
    /// What more there is to say of a function that is not there, or not ready.
    func notes(on name: FunctionName) async -> ProviderNotes
    /// Deploys a function that is not there yet.
    func deploy(_ deployment: FunctionDeployment) async throws
    /// Replaces a function's deployment.
    func update(_ deployment: FunctionDeployment) async throws
    /// Removes a function.
    func delete(_ name: FunctionName) async throws
    /// Sets how many replicas a function has.
    func scale(_ name: FunctionName, to replicas: UInt64) async throws
    /// Looks at a function at once, because calls wait for it.
    ///
    /// - Returns: replicas that calls can go to already, before the next snapshot has them.
    @discardableResult
    func wake(_ name: FunctionName) -> [ReplicaSnapshot.Endpoint]

    /// The names of the namespaces, the default one first.
    func namespaces() async throws -> [String]
    /// One namespace.
    func namespace(_ name: String) async throws -> FunctionNamespace
    /// Makes a namespace.
    func createNamespace(_ namespace: FunctionNamespace) async throws
    /// Replaces labels and annotations of a namespace.
    func updateNamespace(_ namespace: FunctionNamespace) async throws
    /// Removes an empty namespace.
    func deleteNamespace(_ name: String) async throws

    /// The secrets of a namespace, without their values.
    func secrets(namespace: String) async throws -> [Secret]
    /// Keeps a new secret.
    func createSecret(_ name: String, namespace: String, value: [UInt8]) async throws
    /// Replaces the value of a secret.
    func updateSecret(_ name: String, namespace: String, value: [UInt8]) async throws
    /// Removes a secret that no function uses.
    func deleteSecret(_ name: String, namespace: String) async throws

    /// The names of the images that are there without a registry.
    func images(namespace: String) async throws -> [String]
    /// Which of the blobs with these digests are not there.
    func missingBlobs(_ digests: [String], namespace: String) async throws -> [String]
    /// Takes the images of an OCI or Docker archive; gives their names.
    func importImages(
        _ archive: any AsyncSequence<[UInt8], any Error> & Sendable, namespace: String
    ) async throws -> [String]

    /// What a function's replicas wrote, oldest first.
    func logs(_ request: LogRequest) async throws -> any AsyncSequence<LogMessage, any Error> & Sendable
}

extension FunctionProvider {
    /// Nothing, where the provider is elsewhere: it has no words for it.
    public func notes(on name: FunctionName) async -> ProviderNotes { ProviderNotes() }
}

extension Provider: FunctionProvider {}
