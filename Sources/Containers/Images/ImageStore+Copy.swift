extension ImageStore {
    private static let copyTimeLimit: Duration = .seconds(300)

    /// Brings an image into a namespace from another one of the same store.
    ///
    /// containerd keeps what each namespace sees apart, so an image that was built or imported on this machine is
    /// known in one of them only.
    ///
    /// - Returns: nil when the other namespace has it not.
    /// - Throws: `invalidImage` when a part of it for this machine is missing there.
    public func copy(
        _ reference: ImageReference, from other: String, to namespace: String
    ) async throws -> ImageInfo? {
        guard let image = try await find(reference, namespace: other) else { return nil }
        let directory = try PrivateDirectory(in: client.settings.privateDirectory)
        defer { directory.remove() }
        let archive = directory.path + "/image.tar"
        let platform = "linux/\(ImageManifest.hostArchitecture)"
        _ = try await client.require(
            ["images", "export", "--platform", platform, archive, image.name], namespace: other,
            about: Self.subject(image.name), timeLimit: Self.copyTimeLimit)
        _ = try await importArchive(archive, namespace: namespace)
        return try await find(reference, namespace: namespace)
    }
}
