import Foundation

/// `./credentials/config.json`, which `registry-login` writes: who one is to registries, in Docker's format.
struct RegistryCredentials: Sendable {
    static let folder = "credentials"

    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// The folder, as `DOCKER_CONFIG` names it.
    var directory: String { surroundings.path(Self.folder) }
    var file: String { directory + "/config.json" }

    /// Whether the file says something about the registry of an image. Where it does not, the builder has files of its own.
    func know(_ image: String) -> Bool {
        struct Document: Decodable {
            struct Entry: Decodable {}
            var auths: [String: Entry]?
            var credHelpers: [String: String]?
        }
        guard let bytes = try? LocalFile.bytes(file, limit: 1 << 20),
            let document = try? JSONDecoder().decode(Document.self, from: Data(bytes))
        else { return false }
        let registry = FunctionImage.registry(of: image)
        let names = (document.auths ?? [:]).keys.map(Self.host) + (document.credHelpers ?? [:]).keys.map(Self.host)
        return names.contains(registry) || (registry == "docker.io" && names.contains("index.docker.io"))
    }

    /// `https://index.docker.io/v1/` is `index.docker.io`.
    static func host(_ server: String) -> String {
        var rest = server[...]
        if let scheme = rest.range(of: "://") { rest = rest[scheme.upperBound...] }
        return String(rest.prefix { $0 != "/" })
    }
}
