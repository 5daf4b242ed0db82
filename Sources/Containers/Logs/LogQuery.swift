/// Which lines are wanted.
public struct LogQuery: Sendable {
    /// The most lines that ``tail`` gives; a larger number is taken as this one.
    public static let maximumTail = 10_000

    /// The namespace of containerd that the containers are in.
    public var namespace: String
    /// The name that lines are kept under, as in ``LogOptions``.
    public var name: String
    /// A container's id; nil means all containers that wrote under the name.
    public var instance: String?
    /// Lines collected before this moment are left out; nil means that all are wanted that are kept.
    public var since: LogTime?
    /// Of those, only so many last ones, over all containers in the order of time; nil means all.
    /// Zero or less means none, which makes sense with ``follow`` only.
    public var tail: Int?
    /// Whether to wait for new lines after those that are kept.
    public var follow: Bool

    /// Makes a query.
    public init(
        namespace: String, name: String, instance: String? = nil, since: LogTime? = nil, tail: Int? = nil,
        follow: Bool = false
    ) {
        self.namespace = namespace
        self.name = name
        self.instance = instance
        self.since = since
        self.tail = tail
        self.follow = follow
    }

    /// Names become paths and matches of the journal, so they are those that the writing side takes.
    func check() throws(ContainersError) {
        try LogOptions.checkFileName(namespace, field: "namespace")
        try LogOptions.checkFileName(name, field: "log name")
        if let instance { try LogOptions.checkFileName(instance, field: "instance") }
    }
}

/// One line, and who wrote it.
public struct LogEntry: Sendable, Equatable {
    /// The id of the container.
    public let instance: String
    /// What it wrote.
    public let line: LogLine
}
