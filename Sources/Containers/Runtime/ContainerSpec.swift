/// A container to be made and started.
///
/// Its text form shows no value of an environment variable, since those may be secrets.
public struct ContainerSpec: Sendable, Equatable {
    /// An environment variable.
    public struct Variable: Sendable, Equatable {
        /// Its name: no `=`, no NUL, not empty.
        public var name: String
        /// Its value: anything but NUL.
        public var value: String

        /// Makes a variable.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The container's id: 1 to 76 letters, digits, and single `.`, `_`, `-` between them.
    public var id: String
    /// containerd's namespace; it has the same form as an id.
    public var namespace: String
    /// The image as a full reference, such as `docker.io/library/busybox:latest`. It must be present.
    public var image: String
    /// The command line in place of the image's ENTRYPOINT and CMD; nil runs those.
    public var arguments: [String]?
    /// Variables over those of the image. A later one wins over an earlier one of the same name.
    public var environment: [Variable]
    /// What is mounted into the container, in this order.
    public var mounts: [Mount]
    /// Labels of the container.
    public var labels: [String: String]
    /// The network namespace to join, such as `/run/netns/NAME`; nil gives one of its own with no network.
    public var networkNamespacePath: String?
    /// The memory limit in bytes; nil for none.
    public var memoryLimitBytes: Int64?
    /// How many CPUs worth of time may be used, such as 0.5; nil for no limit.
    public var cpus: Double?
    /// Whether the root file system is read-only.
    public var readOnlyRootFilesystem: Bool
    /// Whether the process starts without any capability.
    public var dropAllCapabilities: Bool
    /// Capabilities given back, such as `CAP_NET_BIND_SERVICE`.
    public var addCapabilities: [String]
    /// Whether a seccomp filter applies: ``seccompProfile``, or containerd's default.
    public var seccomp: Bool
    /// The seccomp filter in place of containerd's default.
    public var seccompProfile: SeccompProfile?
    /// The program that collects what the process writes; nil sends it to /dev/null.
    public var logTarget: LogTarget?
    /// The working directory; nil for the image's.
    public var workingDirectory: String?
    /// The host name inside, of letters, digits, `-` and `.`, at most 63; nil leaves the host's own.
    public var hostname: String?
    /// How many processes and threads there may be at one time; nil for no limit.
    public var pidsLimit: Int?
    /// How many files each process may have open, 16 to 1048576; nil for containerd's default of 1024. Children that
    /// the process forks in its first milliseconds may have the default.
    public var openFilesLimit: UInt64?
    /// The memory in bytes that is not taken back first when the machine runs short; nil for none.
    public var memoryReservationBytes: Int64?
    /// The weight among all that want the processor, 2 to 262144; nil for the kernel's default of 1024.
    public var cpuShares: Int?

    /// Makes a specification with the safe defaults: no capability, seccomp on.
    public init(
        id: String, namespace: String, image: String, arguments: [String]? = nil,
        environment: [Variable] = [], mounts: [Mount] = [], labels: [String: String] = [:],
        networkNamespacePath: String? = nil, memoryLimitBytes: Int64? = nil, cpus: Double? = nil,
        readOnlyRootFilesystem: Bool = false, dropAllCapabilities: Bool = true,
        addCapabilities: [String] = [], seccomp: Bool = true, logTarget: LogTarget? = nil,
        workingDirectory: String? = nil, hostname: String? = nil, pidsLimit: Int? = nil,
        openFilesLimit: UInt64? = nil, seccompProfile: SeccompProfile? = nil,
        memoryReservationBytes: Int64? = nil, cpuShares: Int? = nil
    ) {
        self.id = id
        self.namespace = namespace
        self.image = image
        self.arguments = arguments
        self.environment = environment
        self.mounts = mounts
        self.labels = labels
        self.networkNamespacePath = networkNamespacePath
        self.memoryLimitBytes = memoryLimitBytes
        self.cpus = cpus
        self.readOnlyRootFilesystem = readOnlyRootFilesystem
        self.dropAllCapabilities = dropAllCapabilities
        self.addCapabilities = addCapabilities
        self.seccomp = seccomp
        self.logTarget = logTarget
        self.workingDirectory = workingDirectory
        self.hostname = hostname
        self.pidsLimit = pidsLimit
        self.openFilesLimit = openFilesLimit
        self.seccompProfile = seccompProfile
        self.memoryReservationBytes = memoryReservationBytes
        self.cpuShares = cpuShares
    }
}

extension ContainerSpec.Variable: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    public var description: String { "\(name)=…" }
    /// The name alone.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// Something mounted into a container.
public struct Mount: Sendable, Equatable {
    /// What is mounted.
    public enum Source: Sendable, Equatable {
        /// A file or directory of the host, by absolute path.
        case bind(String)
        /// A file system in memory of at most this many bytes. Everybody may write to it, unless the image has a
        /// directory in its place: then it has that directory's mode.
        case tmpfs(sizeBytes: Int64)
    }

    /// What is mounted.
    public var source: Source
    /// Where, as an absolute path in the container.
    public var destination: String
    /// Whether it can only be read.
    public var readOnly: Bool

    /// Makes a mount. Paths with `..` or a control character are refused when the container is run.
    public init(_ source: Source, at destination: String, readOnly: Bool = false) {
        self.source = source
        self.destination = destination
        self.readOnly = readOnly
    }
}
