/// When an image is fetched from its registry.
public enum PullPolicy: String, Sendable, CaseIterable {
    /// Only when it is not in the local store.
    case ifNotPresent = "IfNotPresent"
    /// Each time, so that a moved tag is noticed.
    case always = "Always"
}

/// Where images come from.
public struct ImageSettings: Sendable, Equatable {
    /// Docker's `config.json` files with credentials; the first that knows the registry is used. A missing file is
    /// passed over.
    public var dockerConfigPaths: [String]
    /// Registries (`HOST` or `HOST:PORT`) that are spoken to over plain HTTP, beside those on this machine.
    public var insecureRegistries: [String]
    /// How long a pull may take.
    public var pullTimeLimit: Duration
    /// How many pulls may go on at one time.
    public var concurrency: Int

    /// Makes settings.
    public init(
        dockerConfigPaths: [String] = [], insecureRegistries: [String] = [],
        pullTimeLimit: Duration = .seconds(600), concurrency: Int = 3
    ) {
        self.dockerConfigPaths = dockerConfigPaths
        self.insecureRegistries = insecureRegistries
        self.pullTimeLimit = pullTimeLimit
        self.concurrency = concurrency
    }
}

/// An image in containerd's store.
public struct ImageInfo: Sendable, Equatable {
    /// The name containerd has for it: what ``ContainerSpec/image`` takes.
    public let name: String
    /// The digest of its manifest, or of its index of manifests.
    public let digest: String
    /// The media type of what the digest names.
    public let mediaType: String

    /// Makes a value, as a store does.
    public init(name: String, digest: String, mediaType: String) {
        self.name = name
        self.digest = digest
        self.mediaType = mediaType
    }
}

/// What an image says about how it is run.
public struct ImageConfig: Sendable, Equatable {
    /// The program with its first arguments.
    public let entrypoint: [String]
    /// The arguments after the entrypoint, or the whole command line without one.
    public let command: [String]
    /// The variables it sets.
    public let environment: [ContainerSpec.Variable]
    /// The user it runs as: `USER`, `UID`, `USER:GROUP`, `UID:GID`, or empty for root.
    public let user: String
    /// The ports it listens on, such as `8080/tcp`, sorted.
    public let exposedPorts: [String]
    /// Its labels.
    public let labels: [String: String]
    /// Its working directory, or empty.
    public let workingDirectory: String
    /// The architecture, in Go's words, such as `amd64`.
    public let architecture: String
    /// The operating system, in Go's words.
    public let operatingSystem: String

    /// The command line that runs when no other is given.
    public var arguments: [String] { entrypoint + command }

    /// The value of a variable, if it sets it.
    public func variable(_ name: String) -> String? {
        environment.last { $0.name == name }?.value
    }
}
