/// A task that runs.
public struct RunningTask: Sendable, Equatable {
    /// The container's id.
    public let id: String
    /// The container's namespace.
    public let namespace: String
    /// The process id of the task's first process, as the host sees it.
    public let pid: Int32

    /// Makes a value, as a runtime does.
    public init(id: String, namespace: String, pid: Int32) {
        self.id = id
        self.namespace = namespace
        self.pid = pid
    }
}

/// What a container's task is doing.
public enum TaskState: Sendable, Equatable {
    /// There is no task: it never was started, or it was deleted.
    case none
    /// The task is made but its process has not been started.
    case created(pid: Int32)
    /// The process runs.
    case running(pid: Int32)
    /// The process is frozen by the runtime, or is about to be.
    case paused(pid: Int32)
    /// The process has ended; the task's record is still there.
    case stopped
    /// containerd cannot tell, as when the task's shim is gone.
    case unknown

    /// The process id while there is a process.
    public var pid: Int32? {
        switch self {
        case .created(let pid), .running(let pid), .paused(let pid): pid
        case .none, .stopped, .unknown: nil
        }
    }
}

/// One line of a list of containers.
public struct ContainerSummary: Sendable, Equatable {
    /// The container's id.
    public let id: String
    /// The image it was made from, as a full reference.
    public let image: String
    /// What its task is doing.
    public let task: TaskState

    /// Makes a value, as a runtime does.
    public init(id: String, image: String, task: TaskState) {
        self.id = id
        self.image = image
        self.task = task
    }
}

/// All about one container.
public struct ContainerDetails: Sendable, Equatable {
    /// The container's id.
    public let id: String
    /// The container's namespace.
    public let namespace: String
    /// The image it was made from, as a full reference.
    public let image: String
    /// Its labels; those of the image are among them.
    public let labels: [String: String]
    /// The command line of its process.
    public let arguments: [String]
    /// The network namespace it joins, or nil when it has one of its own.
    public let networkNamespacePath: String?
    /// The cgroup below each hierarchy's root, such as `/NAMESPACE/ID`.
    public let cgroupPath: String
    /// When it was made, in RFC 3339.
    public let createdAt: String
    /// What its task is doing.
    public let task: TaskState

    /// Makes a value, as a runtime does.
    public init(
        id: String, namespace: String, image: String, labels: [String: String], arguments: [String],
        networkNamespacePath: String?, cgroupPath: String, createdAt: String, task: TaskState
    ) {
        self.id = id
        self.namespace = namespace
        self.image = image
        self.labels = labels
        self.arguments = arguments
        self.networkNamespacePath = networkNamespacePath
        self.cgroupPath = cgroupPath
        self.createdAt = createdAt
        self.task = task
    }
}

/// A namespace of containerd.
public struct ContainerNamespace: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its labels.
    public let labels: [String: String]

    /// Makes a value, as a runtime does.
    public init(name: String, labels: [String: String]) {
        self.name = name
        self.labels = labels
    }
}

/// The versions of a runtime.
public struct RuntimeVersion: Sendable, Equatable {
    /// The version of the client program.
    public let client: String
    /// The version of the daemon.
    public let server: String

    /// Makes a value, as a runtime does.
    public init(client: String, server: String) {
        self.client = client
        self.server = server
    }
}

/// A program to run inside a container that runs.
public struct ExecSpec: Sendable, Equatable {
    /// The program and its arguments. The program is found on the container's own search path.
    public var arguments: [String]
    /// What it reads on standard input.
    public var input: [UInt8]
    /// The directory to run it in, or nil for the container's own.
    public var workingDirectory: String?
    /// How many bytes of output are accepted.
    public var outputLimit: Int
    /// How long it may run.
    public var timeLimit: Duration

    /// Makes a value; the limits suit a short check.
    public init(
        _ arguments: [String], input: [UInt8] = [], workingDirectory: String? = nil,
        outputLimit: Int = 1 << 20, timeLimit: Duration = .seconds(30)
    ) {
        self.arguments = arguments
        self.input = input
        self.workingDirectory = workingDirectory
        self.outputLimit = outputLimit
        self.timeLimit = timeLimit
    }
}
