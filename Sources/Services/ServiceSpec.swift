public import Containers

/// One service of the file, checked: what its container is to be.
public struct ServiceSpec: Sendable, Equatable {
    /// What happens when its process ends by itself.
    public enum Restart: String, Sendable, CaseIterable {
        /// Nothing.
        case never = "no"
        /// It is started again, whatever its exit code.
        case always
        /// It is started again unless its exit code is 0.
        case onFailure = "on-failure"
        /// As `always`: nobody stops a service by hand but with its entry in the file.
        case unlessStopped = "unless-stopped"
    }

    /// A file or folder of the host that the service sees.
    public struct Volume: Sendable, Equatable {
        /// On the host, an absolute path.
        public let source: String
        /// In the container, an absolute path.
        public let target: String
        /// Whether it can only be read.
        public let readOnly: Bool
        /// Whether it was named as one beside the file; then it is made where it is missing.
        let isBesideFile: Bool
    }

    /// A port of the host that leads to the service.
    public struct Port: Sendable, Equatable {
        /// The host's address.
        public let address: String
        /// The host's port.
        public let published: Int
        /// The service's own.
        public let target: Int
    }

    /// The name, which functions find it by.
    public let name: String
    /// The image.
    public let image: ImageReference
    /// In place of the image's command.
    public var command: [String]?
    /// In place of the image's entrypoint.
    public var entrypoint: [String]?
    /// Variables over those of the image, in the file's order.
    public var environment: [ContainerSpec.Variable] = []
    /// What it sees of the host.
    public var volumes: [Volume] = []
    /// Where the host leads to it.
    public var ports: [Port] = []
    /// Services that are started before it.
    public var dependsOn: [String] = []
    /// Capabilities besides the usual, such as `CAP_NET_RAW`.
    public var addedCapabilities: [String] = []
    /// In place of the image's user.
    public var user: String?
    /// What happens when it ends.
    public var restart = Restart.always
    /// Whether its root file system is read-only.
    public var readOnly = false

    /// Makes a service with the usual values.
    public init(name: String, image: ImageReference) {
        self.name = name
        self.image = image
    }

    /// Tells one version of the entry from another. What it is made of may hold secrets, so only a checksum is kept.
    var digest: String {
        var parts = [name, image.description, user ?? "", readOnly ? "ro" : "rw"]
        parts += ["command"] + (command ?? ["-"]) + ["entrypoint"] + (entrypoint ?? ["-"])
        parts += ["environment"] + environment.map { "\($0.name)=\($0.value)" }
        parts += ["volumes"] + volumes.map { "\($0.source):\($0.target):\($0.readOnly)" }
        parts += ["capabilities"] + addedCapabilities
        return Checksum.text(parts)
    }

    /// The order in which they are started: what others depend on comes first.
    ///
    /// - Returns: `nil` when some wait for each other.
    static func ordered(_ services: [ServiceSpec]) -> [ServiceSpec]? {
        var waiting = services
        var ordered: [ServiceSpec] = []
        while !waiting.isEmpty {
            let started = Set(ordered.map(\.name))
            guard let index = waiting.firstIndex(where: { started.isSuperset(of: $0.dependsOn) }) else { return nil }
            ordered.append(waiting.remove(at: index))
        }
        return ordered
    }
}

/// A checksum to see changes by. It protects nothing: FNV-1a in 64 bits.
enum Checksum {
    static func text(_ parts: [String]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in Array(part.utf8) + [0] {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        return String(hash, radix: 16)
    }
}

/// Why the file of services, or a service, cannot be used: a sentence for the operator.
public struct ServicesError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// Makes an error.
    public init(_ description: String) {
        self.description = description
    }
}
