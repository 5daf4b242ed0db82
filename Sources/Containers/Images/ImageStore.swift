/// The images in containerd's store, each namespace by itself.
public struct ImageStore: Sendable {
    private struct PullKey: Hashable {
        var reference: ImageReference
        var namespace: String
    }

    let client: CtrClient
    let settings: ImageSettings
    private let pulls = JoinedWork<PullKey, ImageInfo>()
    private let pullPlaces: ConcurrencyLimit
    let knownConfigs = KnownConfigs()

    /// Makes a store on the containerd of a runtime.
    public init(ctr: Ctr, settings: ImageSettings) {
        client = ctr.client
        self.settings = settings
        pullPlaces = ConcurrencyLimit(settings.concurrency)
    }

    /// Sees that an image is in the store.
    ///
    /// Who asks for an image that is being pulled waits for the same pull. When the calling task is cancelled and
    /// nobody else waits, the pull is ended; what was fetched so far is kept by containerd for the next time.
    ///
    /// - Throws: `imageNotFound`, `unauthorized`, `registryUnreachable`, `invalidImage`, `timedOut`.
    public func ensure(
        _ reference: ImageReference, namespace: String, policy: PullPolicy
    ) async throws -> ImageInfo {
        if policy == .ifNotPresent, let image = try await find(reference, namespace: namespace) { return image }
        return try await pulls.value(for: PullKey(reference: reference, namespace: namespace)) {
            try await pullPlaces.run { try await pull(reference, namespace: namespace) }
        }
    }

    /// The images of a namespace.
    public func list(namespace: String) async throws -> [ImageInfo] {
        try await images(namespace: namespace, filters: [])
    }

    /// The digests of all blobs that a namespace has: layers, configurations, manifests.
    public func blobs(namespace: String) async throws -> Set<String> {
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        let result = try await client.require(
            ["content", "list", "--quiet"], namespace: namespace, about: "the content of namespace \"\(namespace)\"")
        return CtrOutput.blobs(result.outputText)
    }

    /// One image, or nil.
    ///
    /// An archive may have left it under its short name (`functions/alpine:latest`, without `docker.io/`); it is
    /// found under that, too.
    public func find(_ reference: ImageReference, namespace: String) async throws -> ImageInfo? {
        let names = Set([reference.description, reference.familiar])
        let found = try await images(
            namespace: namespace, filters: names.sorted().map { "name==\(Ctr.quoted($0))" })
        return found.first { $0.name == reference.description } ?? found.first { names.contains($0.name) }
    }

    /// Removes an image's name from the store; what no other name needs is removed with it. An absent one is fine.
    public func remove(_ reference: ImageReference, namespace: String) async throws {
        guard let image = try await find(reference, namespace: namespace) else { return }
        try await remove(image, namespace: namespace)
    }

    /// Removes an image under the name that the store has for it.
    public func remove(_ image: ImageInfo, namespace: String) async throws {
        // `--sync` waits for the space to be free again; an absent image is only a warning.
        _ = try await client.require(
            ["images", "delete", "--sync", image.name], namespace: namespace, about: Self.subject(image.name),
            timeLimit: .seconds(120))
    }

    private func images(namespace: String, filters: [String]) async throws -> [ImageInfo] {
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        let result = try await client.require(
            ["images", "list"] + filters, namespace: namespace, about: "the images of namespace \"\(namespace)\"")
        return CtrOutput.images(result.outputText)
    }

    static func subject(_ name: String) -> String { "image \"\(name)\"" }
}
