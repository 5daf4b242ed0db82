/// How containerd is reached through its own client, `ctr`.
public struct CtrSettings: Sendable, Equatable {
    /// The client: an absolute path, or a name to be found on the search path.
    public var executable: String
    /// containerd's socket.
    public var address: String
    /// The snapshotter; nil for containerd's default.
    public var snapshotter: String?
    /// A directory for files that live as long as one call and may hold secrets. It is made with mode 0700.
    public var privateDirectory: String
    /// How many short `ctr` processes may run at one time.
    public var concurrency: Int
    /// The namespace that the start of ``ContainerRuntime/events()`` puts a label on, and takes it off, to see
    /// that the subscription holds. It is made when it is absent.
    public var probeNamespace: String
    /// Where the kernel tells about processes.
    public var procRoot: String
    /// Where cgroup file systems are mounted.
    public var cgroupRoot: String

    /// Makes settings.
    public init(
        address: String = "/run/containerd/containerd.sock", privateDirectory: String,
        executable: String = "ctr", snapshotter: String? = nil, concurrency: Int = 4,
        probeNamespace: String = "default", procRoot: String = "/proc", cgroupRoot: String = "/sys/fs/cgroup"
    ) {
        self.executable = executable
        self.address = address
        self.snapshotter = snapshotter
        self.privateDirectory = privateDirectory
        self.concurrency = concurrency
        self.probeNamespace = probeNamespace
        self.procRoot = procRoot
        self.cgroupRoot = cgroupRoot
    }
}
