public import Containers
public import OpenFaaSAPI

/// Where the provider keeps its things and how it names them.
public struct ProviderConfiguration: Sendable {
    /// The directory of all that must outlive a reboot, such as `/var/lib/faasd`.
    public var dataDirectory: String
    /// The directory of what is made anew after a reboot, on a file system in memory, such as `/run/faasd`.
    public var runDirectory: String
    /// Goes before the name of every containerd namespace, so that two instances can share a containerd.
    public var namespacePrefix: String
    /// The watchdog's executable on this machine.
    public var watchdogPath: String
    /// When images are fetched, unless a function's annotation says otherwise.
    public var imagePullPolicy: PullPolicy
    /// Tells this instance's containers and network namespaces from another's; the bridge's name serves.
    public var instance: String
    /// How long a function has to end after SIGTERM.
    public var stopGrace: Duration
    /// How often everything is compared with the machine, beside the events that containerd sends.
    public var resyncInterval: Duration
    /// How long a function is frozen before its memory is taken back; `nil` for never.
    public var reclaimAfter: Duration?
    /// How long a function is frozen before it is stopped, unless it says otherwise; `nil` for never.
    public var stopAfter: Duration?
    /// How long an update waits for its first replica to serve, before it is refused and the old deployment stays.
    public var readyTimeout: Duration
    /// What constraints of functions are held against.
    public var nodeLabels: [String: String]
    /// Whether calls go to faasd's own watchdog over a Unix socket.
    public var watchdogSocket: Bool
    /// What the provider says it is.
    public var version: VersionInfo

    /// Makes a configuration.
    public init(
        dataDirectory: String, runDirectory: String, namespacePrefix: String = "", watchdogPath: String,
        imagePullPolicy: PullPolicy = .ifNotPresent, instance: String, stopGrace: Duration = .seconds(10),
        resyncInterval: Duration = .seconds(30),
        reclaimAfter: Duration? = nil, stopAfter: Duration? = nil, readyTimeout: Duration = .seconds(50),
        nodeLabels: [String: String] = [:], watchdogSocket: Bool = true,
        version: VersionInfo
    ) {
        self.dataDirectory = dataDirectory
        self.runDirectory = runDirectory
        self.namespacePrefix = namespacePrefix
        self.watchdogPath = watchdogPath
        self.imagePullPolicy = imagePullPolicy
        self.instance = instance
        self.stopGrace = stopGrace
        self.resyncInterval = resyncInterval
        self.reclaimAfter = reclaimAfter
        self.stopAfter = stopAfter
        self.readyTimeout = readyTimeout
        self.nodeLabels = nodeLabels
        self.watchdogSocket = watchdogSocket
        self.version = version
    }

    /// The file of the desired state.
    public var databasePath: String { dataDirectory + "/faasd.db" }
    var secretsDirectory: String { dataDirectory + "/secrets" }
}
