/// What a container's task is started with, beside what the container's record holds: the command line, mounts,
/// environment, memory and CPU limits are there since the container was made.
public struct TaskSpec: Sendable, Equatable {
    /// The container's id.
    public var id: String
    /// containerd's namespace.
    public var namespace: String
    /// As in ``ContainerSpec``.
    public var logTarget: LogTarget?
    /// As in ``ContainerSpec``.
    public var hostname: String?
    /// As in ``ContainerSpec``.
    public var pidsLimit: Int?
    /// As in ``ContainerSpec``.
    public var openFilesLimit: UInt64?
    /// As in ``ContainerSpec``.
    public var memoryReservationBytes: Int64?

    /// Makes a specification.
    public init(
        id: String, namespace: String, logTarget: LogTarget? = nil, hostname: String? = nil, pidsLimit: Int? = nil,
        openFilesLimit: UInt64? = nil, memoryReservationBytes: Int64? = nil
    ) {
        self.id = id
        self.namespace = namespace
        self.logTarget = logTarget
        self.hostname = hostname
        self.pidsLimit = pidsLimit
        self.openFilesLimit = openFilesLimit
        self.memoryReservationBytes = memoryReservationBytes
    }

    /// Checks every field that becomes an argument of a program.
    func check() throws(ContainersError) {
        try RuntimeNames.checkIdentifier(id, field: "container id")
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        if let hostname { try RuntimeNames.checkHostname(hostname) }
        if let target = logTarget { try RuntimeNames.checkAbsolutePath(target.binary, field: "log program") }
    }

    /// The options of `ctr` that say where the task's output goes.
    var outputOptions: [String] {
        logTarget.map { ["--log-uri", $0.uri] } ?? ["--null-io"]
    }
}

extension ContainerSpec {
    /// What its task is started with.
    var task: TaskSpec {
        TaskSpec(
            id: id, namespace: namespace, logTarget: logTarget, hostname: hostname, pidsLimit: pidsLimit,
            openFilesLimit: openFilesLimit, memoryReservationBytes: memoryReservationBytes)
    }
}
