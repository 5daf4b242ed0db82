public import OpenFaaSAPI

/// Where the calls of each function go: the whole table at one moment.
public struct ReplicaSnapshot: Sendable, Equatable {
    /// One replica that can be called.
    public struct Endpoint: Sendable, Hashable {
        /// The replica's id, which is also its container's.
        public let id: String
        /// Its IPv4 address.
        public let address: String
        /// The TCP port that it serves.
        public let port: Int
        /// A Unix socket that it serves as well; the file is the function's, and may be anything.
        public let socket: String?
    }

    /// How a function can be called.
    public enum Availability: Sendable, Equatable {
        /// By any of these replicas; never empty.
        case ready([Endpoint])
        /// Not yet: a replica is coming up.
        case starting
        /// Not at present, for the reason given, a sentence.
        case unavailable(reason: String)
    }

    /// One function.
    public struct Function: Sendable, Equatable {
        /// How it can be called.
        public let availability: Availability
        /// How long a replica may be silent, where the function says so.
        public let timeout: Duration?
    }

    /// Grows with every snapshot; a reader that has seen a higher one drops a lower one.
    public let version: UInt64
    /// Every function that was accepted.
    public let functions: [FunctionName: Function]
}

/// What carries calls to replicas, as the provider sees it; the gateway implements it.
public protocol ReplicaSink: Sendable {
    /// Puts a snapshot to use. When this returns, no new call goes to a replica that is not in it.
    func publish(_ snapshot: ReplicaSnapshot) async

    /// Waits until no call is under way to the given replicas, or until the time is over.
    ///
    /// - Returns: whether none is.
    @discardableResult
    func drain(_ replicas: Set<String>, within limit: Duration) async -> Bool
}
