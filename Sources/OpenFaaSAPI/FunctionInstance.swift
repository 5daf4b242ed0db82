/// One replica of a function, as `GET /system/function/NAME` shows it. An addition to OpenFaaS's contract.
public struct FunctionInstance: Codable, Equatable, Sendable {
    /// What a replica is doing.
    public enum State: String, Codable, Sendable {
        /// Its container is being made, or its process does not serve yet.
        case starting
        /// It takes calls.
        case ready
        /// It takes no new call and is about to be frozen, or stopped.
        case resting
        /// Its processes are stopped where they are, until a call comes.
        case frozen
        /// It is frozen, and the memory that it can do without was taken back.
        case reclaimed
        /// Its processes were ended; the container stays, until a call comes.
        case stopped
        /// It takes no new call and is about to be removed.
        case stopping
    }

    /// The container's id, as `instance` in a log message.
    public var name: String
    /// What it is doing.
    public var state: State
    /// Its IPv4 address, once it has one.
    public var address: String?
    /// Whether it was made from the deployment that holds now; the others serve until it does.
    public var current: Bool
    /// When it was made, RFC 3339 in UTC.
    public var createdAt: String

    /// Makes a value.
    public init(name: String, state: State, address: String?, current: Bool, createdAt: String) {
        self.name = name
        self.state = state
        self.address = address
        self.current = current
        self.createdAt = createdAt
    }
}

/// Why replicas of a function do not stay up. An addition to OpenFaaS's contract.
public struct FunctionFailure: Codable, Equatable, Sendable {
    /// How many replicas ended by themselves since one last stayed up.
    public var count: Int
    /// Why the last one ended: a sentence with the last lines that it wrote.
    public var reason: String
    /// When the next one is started, RFC 3339 in UTC; absent when that is under way.
    public var retryAt: String?
    /// What kind of end the last one had, where that is known: one of ``Cause``'s words; clients must expect others.
    public var cause: String?
    /// The exit code of its process, 128 + N for signal N, where it is known.
    public var exitCode: Int?

    /// Why a replica is not there any more, or never was.
    public enum Cause: String, Sendable {
        /// The kernel killed its process because the memory limit was reached.
        case outOfMemory = "out-of-memory"
        /// Its process ended by itself.
        case exited
        /// Its process was ended by a signal.
        case signaled
        /// Its image is not to be had.
        case image
        /// It could not be made or started.
        case notStarted = "not-started"
    }

    /// Makes a value.
    public init(
        count: Int, reason: String, retryAt: String?, cause: Cause? = nil, exitCode: Int? = nil
    ) {
        self.count = count
        self.reason = reason
        self.retryAt = retryAt
        self.cause = cause?.rawValue
        self.exitCode = exitCode
    }
}

/// Something that happened to a function. An addition to OpenFaaS's contract.
public struct FunctionEvent: Codable, Equatable, Sendable {
    /// When, RFC 3339 in UTC.
    public var time: String
    /// What, a sentence.
    public var text: String

    /// Makes a value.
    public init(time: String, text: String) {
        self.time = time
        self.text = text
    }
}
