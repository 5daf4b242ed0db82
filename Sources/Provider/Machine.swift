public import Containers
public import Logging

/// What of this machine the provider uses.
public struct Machine: Sendable {
    /// Runs containers.
    public let runtime: any ContainerRuntime
    /// Has images.
    public let images: ImageStore
    /// The functions' network.
    public let network: CNINetwork
    /// The network namespaces of replicas.
    public let networkNamespaces: NetworkNamespaces
    /// `/etc/hosts` and `/etc/resolv.conf` of functions.
    public let hostFiles: HostFiles
    /// The program that keeps what containers write.
    public let collector: String
    /// Where it keeps it when there is no journal.
    public let logDirectory: String
    let logger: Logger

    /// Names the parts.
    public init(
        runtime: any ContainerRuntime, images: ImageStore, network: CNINetwork, networkNamespaces: NetworkNamespaces,
        hostFiles: HostFiles, collector: String, logDirectory: String, logger: Logger
    ) {
        self.runtime = runtime
        self.images = images
        self.network = network
        self.networkNamespaces = networkNamespaces
        self.hostFiles = hostFiles
        self.collector = collector
        self.logDirectory = logDirectory
        self.logger = logger
    }

    var hostFileMounts: [Mount] {
        [
            Mount(.bind(hostFiles.hostsPath), at: "/etc/hosts", readOnly: true),
            Mount(.bind(hostFiles.resolverPath), at: "/etc/resolv.conf", readOnly: true),
        ]
    }
}
