import Foundation
import Glibc

/// How an image is to be run (OCI image-spec "config").
struct ImageSettings: Decodable, Equatable, Sendable {
    private struct Empty: Decodable, Equatable, Sendable {}

    private enum CodingKeys: String, CodingKey {
        case entrypoint = "Entrypoint"
        case words = "Cmd"
        case environment = "Env"
        case ports = "ExposedPorts"
    }

    private var entrypoint: [String]?
    private var words: [String]?
    private var environment: [String]?
    private var ports: [String: Empty]?

    /// The command that the image runs.
    var command: [String] { (entrypoint ?? []) + (words ?? []) }
    /// `NAME=VALUE`
    var variables: [String] { environment ?? [] }

    /// Whether it is a function without faasd's watchdog, by the rule of the provider (docs/decisions/0003).
    var servesItself: Bool {
        if ports?["8080/tcp"] != nil { return true }
        let program = command.first?.split(separator: "/").last ?? ""
        return ["fwatchdog", "of-watchdog", "classic-watchdog"].contains(program)
    }

    static func read(
        _ image: String, _ builder: ImageBuilder, _ surroundings: Surroundings
    ) async throws -> ImageSettings {
        struct OfBuildah: Decodable {
            struct Image: Decodable {
                var config: ImageSettings
            }
            enum CodingKeys: String, CodingKey {
                case image = "OCIv1"
            }
            var image: Image
        }
        struct OfDocker: Decodable {
            enum CodingKeys: String, CodingKey {
                case config = "Config"
            }
            var config: ImageSettings
        }
        let words = builder == .buildah ? ["inspect", "--type", "image", image] : ["image", "inspect", image]
        let outcome = try await builder.program(surroundings).run(words, limit: 4 << 20)
        guard outcome.code == 0 else {
            throw CLIError(.notFound, "the image \(image) is not here: build it first")
        }
        let data = Data(outcome.output.utf8)
        let settings =
            builder == .buildah
            ? try? JSONDecoder().decode(OfBuildah.self, from: data).image.config
            : try? JSONDecoder().decode([OfDocker].self, from: data).first?.config
        guard let settings else { throw CLIError(.program, "\(builder.rawValue) tells nothing of the image \(image)") }
        return settings
    }
}

/// A port of this machine that nobody has right now.
enum FreePort {
    static func find() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw CLIError(.file, "there is no free port: \(LocalFile.reason())") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard found else { throw CLIError(.file, "there is no free port: \(LocalFile.reason())") }
        return UInt16(bigEndian: address.sin_port)
    }
}
