import FoundationEssentials
import Glibc

/// The JSON documents of an image: an index names manifests, a manifest names a configuration.
///
/// Docker's and OCI's forms differ in media types only. See the OCI image specification, and for attestations
/// BuildKit's `attestation-storage.md`.
enum ImageManifest {
    /// The largest document that is read, in bytes; registries have the same bound.
    static let maximumSize = 4 << 20

    /// A document that leads to a configuration.
    struct Document: Decodable {
        struct Descriptor: Decodable {
            struct Platform: Decodable {
                var architecture: String
                var os: String
            }

            var digest: String
            var platform: Platform?
            var annotations: [String: String]?
        }

        /// Set in an index.
        var manifests: [Descriptor]?
        /// Set in a manifest.
        var config: Descriptor?
    }

    /// What is to be read next.
    enum Step: Equatable {
        case manifest(String)
        case config(String)
    }

    static func nextStep(_ bytes: [UInt8], architecture: String) throws(ContainersError) -> Step {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch {
            throw ContainersError(
                .invalidImage, "the image's manifest is not as expected", details: String(describing: error))
        }
        let step: Step
        if let config = document.config {
            step = .config(config.digest)
        } else if let manifest = document.manifests?.first(where: { isRunnable($0, architecture: architecture) }) {
            step = .manifest(manifest.digest)
        } else {
            throw ContainersError(.invalidImage, "the image has no variant for linux/\(architecture)")
        }
        guard case .config(let digest) = step, !ImageReference.isDigest(digest) else { return step }
        throw ContainersError(.invalidImage, "the image's manifest names no digest")
    }

    /// An attestation is listed like a variant, for the platform "unknown".
    private static func isRunnable(_ descriptor: Document.Descriptor, architecture: String) -> Bool {
        guard ImageReference.isDigest(descriptor.digest) else { return false }
        if descriptor.annotations?["vnd.docker.reference.type"] != nil { return false }
        guard let platform = descriptor.platform else { return true }
        return platform.os == "linux" && platform.architecture == architecture
    }

    /// This machine's architecture in Go's words.
    static var hostArchitecture: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        let machine = withUnsafeBytes(of: &name.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return switch machine {
        case "x86_64": "amd64"
        case "aarch64": "arm64"
        case "armv7l", "armv6l": "arm"
        default: machine
        }
    }
}

/// The configuration document of an image.
struct ImageConfigDocument: Decodable {
    struct Config: Decodable {
        struct Empty: Decodable {}

        enum CodingKeys: String, CodingKey {
            case entrypoint = "Entrypoint"
            case cmd = "Cmd"
            case env = "Env"
            case user = "User"
            case exposedPorts = "ExposedPorts"
            case labels = "Labels"
            case workingDirectory = "WorkingDir"
        }

        var entrypoint: [String]?
        var cmd: [String]?
        var env: [String]?
        var user: String?
        var exposedPorts: [String: Empty]?
        var labels: [String: String]?
        var workingDirectory: String?
    }

    var architecture: String?
    var os: String?
    var config: Config?

    static func read(_ bytes: [UInt8]) throws(ContainersError) -> ImageConfig {
        let document: ImageConfigDocument
        do {
            document = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw ContainersError(
                .invalidImage, "the image's configuration is not as expected", details: String(describing: error))
        }
        let config = document.config
        return ImageConfig(
            entrypoint: config?.entrypoint ?? [], command: config?.cmd ?? [],
            environment: (config?.env ?? []).compactMap(variable), user: config?.user ?? "",
            exposedPorts: (config?.exposedPorts ?? [:]).keys.sorted(), labels: config?.labels ?? [:],
            workingDirectory: config?.workingDirectory ?? "", architecture: document.architecture ?? "",
            operatingSystem: document.os ?? "")
    }

    private static func variable(_ text: String) -> ContainerSpec.Variable? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return ContainerSpec.Variable(String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
