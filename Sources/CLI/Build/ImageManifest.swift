import Foundation

/// The manifest of an image (OCI image-spec "manifest"), as far as it names blobs.
struct ImageManifest: Sendable {
    /// A blob: a layer, or the configuration.
    struct Blob: Decodable, Equatable, Sendable {
        var mediaType: String
        /// `sha256:` and 64 hexadecimal digits.
        var digest: String
        var size: Int64

        /// The digest without its algorithm, as files are named.
        var hex: String { String(digest.dropFirst(7)) }
        /// Where an OCI layout has it.
        var path: String { "blobs/sha256/" + hex }
    }

    static let mediaType = "application/vnd.oci.image.manifest.v1+json"

    /// As they are, because the digest is theirs.
    let bytes: [UInt8]
    let config: Blob
    let layers: [Blob]

    /// - Returns: `nil` for what is no manifest of an image, or has blobs that cannot be named by their digests.
    init?(_ bytes: [UInt8]) {
        struct Document: Decodable {
            var mediaType: String?
            var config: Blob
            var layers: [Blob]
        }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
            (document.mediaType ?? Self.mediaType) == Self.mediaType,
            (document.layers + [document.config]).allSatisfy({ Self.isDigest($0.digest) && $0.size >= 0 })
        else { return nil }
        self.bytes = bytes
        config = document.config
        layers = document.layers
    }

    /// What names the image in an archive (OCI image-spec "image layout", and containerd's annotation for whole names).
    func index(of image: String) throws -> [UInt8] {
        struct Index: Encodable {
            struct Manifest: Encodable {
                var mediaType = ImageManifest.mediaType
                var digest: String
                var size: Int
                var annotations: [String: String]
            }
            var schemaVersion = 2
            var manifests: [Manifest]
        }
        let annotations = [
            "io.containerd.image.name": image,
            "org.opencontainers.image.ref.name": FunctionImage.tag(of: image) ?? "latest",
        ]
        let manifest = Index.Manifest(digest: digest, size: bytes.count, annotations: annotations)
        return Array(try JSONEncoder().encode(Index(manifests: [manifest])))
    }

    /// The digest of the manifest itself.
    var digest: String { "sha256:" + Hexadecimal.text(SHA256.digest(bytes)) }

    static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 71
            && text.utf8.dropFirst(7).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
