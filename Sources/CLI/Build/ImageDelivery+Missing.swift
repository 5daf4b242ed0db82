import Foundation
import Glibc

/// Sends of an image only what the gateway's machine does not have: after an edit, one small layer.
///
/// buildah tells the layers of an image before it writes any of them. Other builders only know whole archives.
extension ImageDelivery {
    /// More than this is written as it is, because buildah compresses what it writes into a layout, which takes longer
    /// than sending it, and has another digest each time it is asked for.
    private static let compressedBytes: Int64 = 4 << 20

    /// - Returns: how many bytes were sent; `nil` when the image is not there now, so that all of it is to be sent.
    func sendMissing(_ image: String, namespace: String, _ client: GatewayClient) async throws -> Int64? {
        guard builder == .buildah, let manifest = try await manifest(of: image),
            let missing = try await client.missingBlobs(manifest.layers.map(\.digest), namespace: namespace)
        else { return nil }
        let layers = manifest.layers.filter { missing.contains($0.digest) }
        // Nothing would be saved.
        guard layers.count < manifest.layers.count else { return nil }
        return try await ScratchFolder.with { directory in
            let archive =
                if layers.reduce(0, { $0 + $1.size }) <= Self.compressedBytes {
                    try await layout(image, known: manifest.layers.filter { !missing.contains($0.digest) }, directory)
                } else {
                    try await cut(image, manifest, layers, directory)
                }
            guard let archive else { return nil }
            let isThere = try await client.importArchive(archive, namespace: namespace, isComplete: false)
            return isThere ? archive.length : nil
        }
    }

    /// - Returns: `nil` when the layers are not as they are, uncompressed, in buildah's store.
    private func manifest(of image: String) async throws -> ImageManifest? {
        struct Inspection: Decodable {
            enum CodingKeys: String, CodingKey {
                case manifest = "Manifest"
            }
            var manifest: String
        }
        let outcome = try await builder.program(surroundings).run(
            ["inspect", "--type", "image", image], limit: 4 << 20)
        guard outcome.code == 0,
            let inspection = try? JSONDecoder().decode(Inspection.self, from: Data(outcome.output.utf8)),
            let manifest = ImageManifest(Array(inspection.manifest.utf8)),
            manifest.layers.allSatisfy({ $0.mediaType == "application/vnd.oci.image.layer.v1.tar" })
        else { return nil }
        return manifest
    }

    /// Has buildah write an OCI layout in which the known layers are there already. It looks for their names and lengths,
    /// so that empty files of the right length stand for them, and reads only the other layers.
    private func layout(
        _ image: String, known: [ImageManifest.Blob], _ directory: String
    ) async throws -> ImageArchive? {
        let root = directory + "/layout"
        try LocalFile.makeDirectory(root + "/blobs/sha256")
        for blob in known {
            let path = root + "/" + blob.path
            guard FileManager.default.createFile(atPath: path, contents: nil), truncate(path, off_t(blob.size)) == 0
            else { return nil }
        }
        let outcome = try await builder.program(surroundings).run(["push", "--quiet", image, "oci:\(root):image"])
        guard outcome.code == 0, let manifest = try written(root) else { return nil }
        let blobs = ([manifest.config] + manifest.layers).filter { blob in !known.contains { $0.digest == blob.digest }
        }
        return try .oci(
            manifest, image: image,
            blobs: blobs.map { ($0, .file(path: root + "/" + $0.path, offset: 0, length: $0.size)) })
    }

    /// The manifest of a layout's only image.
    private func written(_ root: String) throws -> ImageManifest? {
        struct Index: Decodable {
            var manifests: [ImageManifest.Blob]
        }
        let bytes = try LocalFile.bytes(root + "/index.json", limit: 1 << 20)
        guard let index = try? JSONDecoder().decode(Index.self, from: Data(bytes)), index.manifests.count == 1,
            ImageManifest.isDigest(index.manifests[0].digest)
        else { return nil }
        return ImageManifest(try LocalFile.bytes(root + "/" + index.manifests[0].path, limit: 4 << 20))
    }

    /// Takes the layers out of a whole archive.
    private func cut(
        _ image: String, _ manifest: ImageManifest, _ layers: [ImageManifest.Blob], _ directory: String
    ) async throws -> ImageArchive? {
        let file = directory + "/image.tar"
        try await export(image, to: file)
        let files = try TarFile.files(in: file)
        var blobs: [(blob: ImageManifest.Blob, part: ImageArchive.Part)] = []
        for (blob, name) in [(manifest.config, ".json")] + layers.map({ ($0, ".tar") }) {
            guard let place = files[blob.hex + name], Int64(place.count) == blob.size else { return nil }
            blobs.append((blob, .file(path: file, offset: place.lowerBound, length: blob.size)))
        }
        return try .oci(manifest, image: image, blobs: blobs)
    }
}
