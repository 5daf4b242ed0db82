import Foundation

/// Images that differ from another one in their user alone: `ctr run` has no flag for it.
extension ImageStore {
    /// Begins the names of such images.
    private static let prefix = "faasd.internal/user-"

    /// The same image for another user. Its layers are those of the image, and are not stored again.
    ///
    /// - Parameters:
    ///   - user: `USER` or `USER:GROUP`, as in ``ImageUser``.
    ///   - folder: where a file of a few kilobytes may be for a moment; nobody else may write there.
    /// - Throws: `invalidImage` for a user that cannot be one; what reading and importing an image throw.
    public func image(
        _ image: ImageInfo, runAs user: String, namespace: String, folder: String
    ) async throws -> ImageInfo {
        _ = try ImageUser(user)
        let manifest = try await manifest(of: image, namespace: namespace)
        var document = try Self.object(manifest.bytes, "manifest")
        guard var descriptor = document["config"] as? [String: Any] else {
            throw ContainersError(.invalidImage, "\(Self.subject(image.name)) has no configuration")
        }
        var config = try Self.object(
            try await content(manifest.config, of: image, namespace: namespace), "configuration")
        var inner = config["config"] as? [String: Any] ?? [:]
        inner["User"] = user
        config["config"] = inner
        let configBytes = try Self.bytes(config)
        let configDigest = try await sha256(configBytes)
        let reference = try ImageReference(Self.prefix + String(configDigest.prefix(32)) + ":latest")
        if let found = try await find(reference, namespace: namespace) { return found }
        descriptor["digest"] = "sha256:" + configDigest
        descriptor["size"] = configBytes.count
        document["config"] = descriptor
        let manifestBytes = try Self.bytes(document)
        let manifestDigest = try await sha256(manifestBytes)
        let index = try Self.bytes([
            "schemaVersion": 2,
            "manifests": [
                [
                    "mediaType": document["mediaType"] as? String ?? "application/vnd.oci.image.manifest.v1+json",
                    "digest": "sha256:" + manifestDigest, "size": manifestBytes.count,
                    "annotations": ["io.containerd.image.name": reference.description],
                ] as [String: Any]
            ],
        ])
        let archive = TarArchive(files: [
            ("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)), ("index.json", index),
            ("blobs/sha256/\(configDigest)", configBytes), ("blobs/sha256/\(manifestDigest)", manifestBytes),
        ])
        try SmallFile.makeDirectories(folder, mode: 0o700)
        let path = "\(folder)/\(manifestDigest).tar"
        defer { unlink(path) }
        // All of it is text: JSON and the headers' digits.
        try SmallFile.write(String(decoding: archive.bytes, as: UTF8.self), to: path, mode: 0o600)
        _ = try await importArchive(path, namespace: namespace)
        guard let made = try await find(reference, namespace: namespace) else {
            throw ContainersError(.internalError, "\(Self.subject(image.name)) could not be given the user \(user)")
        }
        return made
    }

    private func sha256(_ bytes: [UInt8]) async throws -> String {
        let result = try await client.runner.run(Command("sha256sum", [], input: .bytes(bytes)))
        let digest = String(result.outputText.prefix(64))
        guard result.succeeded, ImageReference.isDigest("sha256:" + digest) else {
            throw ContainersError(.internalError, "sha256sum failed", details: result.error)
        }
        return digest
    }

    private static func object(_ bytes: [UInt8], _ what: String) throws -> [String: Any] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw ContainersError(.invalidImage, "the image's \(what) is not as expected")
        }
        return object
    }

    private static func bytes(_ object: [String: Any]) throws -> [UInt8] {
        do {
            return Array(
                try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
        } catch {
            throw ContainersError(.internalError, "a part of an image cannot be written", details: "\(error)")
        }
    }
}

/// A tar archive of a few files (POSIX.1-1988, "ustar").
struct TarArchive {
    private static let block = 512

    let files: [(name: String, bytes: [UInt8])]

    var bytes: [UInt8] {
        var archive: [UInt8] = []
        for file in files {
            archive += Self.header(file.name, size: file.bytes.count) + file.bytes
            archive += [UInt8](repeating: 0, count: (Self.block - file.bytes.count % Self.block) % Self.block)
        }
        return archive + [UInt8](repeating: 0, count: 2 * Self.block)
    }

    /// Names here are ours, and shorter than the field's 100 bytes.
    private static func header(_ name: String, size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.prefix(100).enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        // The sum is taken with blanks in its own place.
        put(String(repeating: " ", count: 8), at: 148)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
        return header
    }
}
