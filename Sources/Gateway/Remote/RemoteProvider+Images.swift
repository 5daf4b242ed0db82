import Provider

extension RemoteProvider {
    /// No OpenFaaS provider takes images by itself.
    public func images(namespace: String) async throws -> [String] {
        throw Self.noImages
    }

    /// No OpenFaaS provider takes images by itself.
    public func missingBlobs(_ digests: [String], namespace: String) async throws -> [String] {
        throw Self.noImages
    }

    /// No OpenFaaS provider takes images by itself.
    public func importImages(
        _ archive: any AsyncSequence<[UInt8], any Error> & Sendable, namespace: String
    ) async throws -> [String] {
        throw Self.noImages
    }

    private static let noImages = ProviderError(
        .unsupported, "this gateway's provider is elsewhere and takes no images: push them to a registry")
}
