public import Logging
import NIOHTTP1
public import NIOPosix
public import OpenFaaSAPI
public import Provider

/// Any OpenFaaS provider, spoken to over HTTP: faas-netes on a Kubernetes cluster, faasd's own, or another.
///
/// What providers do differently is made the same here: answers without a text get one, statuses become codes,
/// a namespace is named wherever one of them looks for it.
public struct RemoteProvider: FunctionProvider {
    let client: ProviderClient
    let routes: RemoteRoutes

    /// ``shutdown()`` must be called before it goes out of use.
    ///
    /// - Parameters:
    ///   - address: where the provider listens.
    ///   - credentials: the provider's user and password.
    ///   - publisher: carries the routes to the proxy.
    ///   - group: the event loops.
    ///   - logger: takes what an operator should know.
    public init(
        address: ProviderAddress, credentials: Credentials, publisher: RoutePublisher,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        client = ProviderClient(address: address, credentials: credentials, group: group)
        routes = RemoteRoutes(client: client, publisher: publisher, logger: logger)
    }

    /// Reads the provider's functions for the first time, so that calls find them when the port opens.
    ///
    /// A provider that is not there yet is no error: it is asked again by ``run()``.
    public func prepare() async {
        await routes.readAll()
    }

    /// Follows the provider's functions until it is cancelled.
    public func run() async {
        await routes.run()
    }

    /// Closes all connections to the provider.
    public func shutdown() async {
        await client.shutdown()
    }

    /// Names the provider behind the URL.
    public func info() async throws -> ProviderInfo {
        try await client.read(
            DescribedProvider.self, .get("/system/info", subject: "the provider's description")
        ).info
    }

    /// The functions of a namespace.
    public func list(namespace: String, usage: Bool) async throws -> [FunctionStatus] {
        try await client.functions(namespace: namespace, usage: usage)
    }

    /// One function; `nil` when it is not there.
    public func status(of name: FunctionName, usage: Bool) async throws -> FunctionStatus? {
        try await client.function(name, usage: usage)
    }

    /// Nothing: whoever wants to know asks the provider's own `/metrics`.
    public func replicaUsage() async -> [ReplicaUsage] { [] }

    /// Deploys a function that is not there yet; some providers replace one that is.
    public func deploy(_ deployment: FunctionDeployment) async throws {
        try await change(.POST, deployment)
    }

    /// Replaces a function's deployment.
    public func update(_ deployment: FunctionDeployment) async throws {
        try await change(.PUT, deployment)
    }

    /// Removes a function.
    public func delete(_ name: FunctionName) async throws {
        try await client.send(
            .change(
                .DELETE, "/system/functions", [(name: "namespace", value: name.namespace)],
                body: DeleteFunctionRequest(functionName: name.name, namespace: name.namespace),
                subject: "function \(name)"))
        await routes.read(name)
    }

    /// Sets how many replicas a function has.
    public func scale(_ name: FunctionName, to replicas: UInt64) async throws {
        try await client.scale(name, to: replicas)
        await routes.read(name)
    }

    /// Brings a function up, because calls wait for it.
    public func wake(_ name: FunctionName) -> [ReplicaSnapshot.Endpoint] {
        routes.wake(name)
        return []
    }

    private func change(_ method: HTTPMethod, _ deployment: FunctionDeployment) async throws {
        let name: FunctionName
        do {
            name = try FunctionName(deployment.service, namespace: deployment.namespace)
        } catch {
            throw ProviderError(.invalid, "\(error)")
        }
        var deployment = deployment
        deployment.namespace = name.namespace
        try await client.send(
            .change(method, "/system/functions", body: deployment, subject: "function \(name)"))
        await routes.read(name)
    }
}

/// A provider's words about itself; older ones leave out what today's say.
private struct DescribedProvider: Decodable {
    struct Version: Decodable {
        let sha: String?
        let release: String?
    }

    let provider: String?
    let version: Version?
    let orchestration: String?

    var info: ProviderInfo {
        ProviderInfo(
            provider: provider ?? "unknown",
            version: VersionInfo(sha: version?.sha ?? "unknown", release: version?.release ?? "unknown"),
            orchestration: orchestration ?? "unknown")
    }
}
