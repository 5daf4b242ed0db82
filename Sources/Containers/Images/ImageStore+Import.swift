extension ImageStore {
    private static let importTimeLimit: Duration = .seconds(300)

    /// Takes the images of an OCI or Docker archive into the store.
    ///
    /// Blobs that the namespace has already need not be in an OCI archive. Short names in the archive are completed (see
    /// ``ImageReference``), so that the image is found under the same reference as one from a registry.
    ///
    /// - Returns: The full references.
    /// - Throws: `invalidArgument` when the file cannot be read, `invalidImage` when it is no archive of images,
    ///   has none for this machine, or has an image without a name.
    public func importArchive(_ path: String, namespace: String) async throws -> [ImageReference] {
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        try RuntimeNames.checkAbsolutePath(path, field: "archive")
        let result = try await client.ask(
            ["images", "import"] + client.snapshotterOptions + [path], namespace: namespace,
            timeLimit: Self.importTimeLimit)
        guard result.succeeded else {
            let failure = CtrFailure(result: result, request: .importArchive)
            // Named before it is unpacked: the one whose layers were not there or no layers must not stay.
            if let name = CtrOutput.importedImages(result.outputText).last {
                _ = try? await client.require(
                    ["images", "delete", name], namespace: namespace, about: Self.subject(name))
            }
            guard !failure.reason.hasPrefix("open ") else {
                throw ContainersError(.invalidArgument, "the archive \(path) cannot be read", details: failure.reason)
            }
            throw failure.error(about: "archive \"\(path)\"")
        }
        let names = CtrOutput.importedImages(result.outputText)
        try await refuseIncomplete(names, namespace: namespace, archive: path)
        var references: [ImageReference] = []
        for name in names {
            references.append(try await complete(name, namespace: namespace))
        }
        guard !references.isEmpty else {
            throw ContainersError(.invalidImage, "the archive \"\(path)\" has no image with a name")
        }
        return references
    }

    /// Blobs that an archive leaves out must be in the store: where others have unpacked the same layers, `ctr` does not
    /// look for them.
    private func refuseIncomplete(_ names: [String], namespace: String, archive: String) async throws {
        guard !names.isEmpty else { return }
        let result = try await client.require(
            ["images", "check"] + names.map { "name==\(Ctr.quoted($0))" }, namespace: namespace,
            about: "archive \"\(archive)\"")
        let incomplete = CtrOutput.incompleteImages(result.outputText)
        for name in incomplete {
            _ = try await client.require(
                ["images", "delete", name], namespace: namespace, about: Self.subject(name))
        }
        guard incomplete.isEmpty else {
            throw ContainersError(
                .invalidImage,
                "the archive \"\(archive)\" lacks parts of \(incomplete.joined(separator: ", ")) that are not in the store"
            )
        }
    }

    /// Gives an imported image its full name instead of a short one.
    private func complete(_ name: String, namespace: String) async throws -> ImageReference {
        let reference = try ImageReference(name)
        guard reference.description != name else { return reference }
        let subject = Self.subject(name)
        _ = try await client.require(
            ["images", "tag", "--force", name, reference.description], namespace: namespace, about: subject)
        _ = try await client.require(["images", "delete", name], namespace: namespace, about: subject)
        return reference
    }

    /// Reads how an image is to be run: its index if it has one, its manifest for this machine, its configuration.
    ///
    /// - Throws: `invalidImage` when there is no variant for this machine or a document is not as it should be;
    ///   `imageNotFound` when a part of it is not in the store.
    public func config(_ image: ImageInfo, namespace: String) async throws -> ImageConfig {
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        let key = KnownConfigs.Key(namespace: namespace, digest: image.digest)
        if let known = knownConfigs.config(key) { return known }
        let config = try await readConfig(image, namespace: namespace)
        knownConfigs.keep(config, for: key)
        return config
    }

    private func readConfig(_ image: ImageInfo, namespace: String) async throws -> ImageConfig {
        let digest = try await manifest(of: image, namespace: namespace).config
        return try ImageConfigDocument.read(try await content(digest, of: image, namespace: namespace))
    }

    /// The manifest of an image for this machine.
    ///
    /// - Returns: the document, and the digest of the configuration that it names.
    func manifest(of image: ImageInfo, namespace: String) async throws -> (bytes: [UInt8], config: String) {
        var digest = image.digest
        // An index may name an index; two of them are more than anybody makes.
        for _ in 0..<3 {
            let bytes = try await content(digest, of: image, namespace: namespace)
            switch try ImageManifest.nextStep(bytes, architecture: ImageManifest.hostArchitecture) {
            case .manifest(let next): digest = next
            case .config(let config): return (bytes, config)
            }
        }
        throw ContainersError(.invalidImage, "\(Self.subject(image.name)) has too many indexes inside each other")
    }

    /// A blob of an image.
    func content(_ digest: String, of image: ImageInfo, namespace: String) async throws -> [UInt8] {
        guard ImageReference.isDigest(digest) else {
            throw ContainersError(.invalidImage, "\(Self.subject(image.name)) names no digest")
        }
        let result = try await client.ask(["content", "get", digest], namespace: namespace)
        guard result.succeeded else {
            let failure = CtrFailure(result: result, request: .question)
            guard failure.code == .notFound else { throw failure.error(about: Self.subject(image.name)) }
            throw ContainersError(
                .imageNotFound, "a part of \(Self.subject(image.name)) is not in the store; pull it again",
                details: failure.reason)
        }
        guard result.output.count <= ImageManifest.maximumSize else {
            throw ContainersError(.invalidImage, "\(Self.subject(image.name)) has a manifest that is too large")
        }
        return result.output
    }
}
