public import OpenFaaSAPI

/// Where a call is on its way.
public enum CallState: Int, Sendable, CaseIterable {
    /// It will be sent when its time comes; also between two attempts.
    case waiting = 0
    /// The function has it.
    case running = 1
    /// The function answered with a status below 400.
    case succeeded = 2
    /// It will not be sent again by itself: a dead letter.
    case dead = 3
    /// It was called off.
    case cancelled = 4

    /// The name that clients see.
    public var name: String {
        switch self {
        case .waiting: "waiting"
        case .running: "running"
        case .succeeded: "succeeded"
        case .dead: "dead"
        case .cancelled: "cancelled"
        }
    }
}

/// Where a callback is on its way.
public enum CallbackState: Int, Sendable {
    /// There is none, or it is not yet time for it.
    case none = 0
    /// It will be sent when its time comes.
    case pending = 1
    /// It is being sent.
    case sending = 2
    /// It was taken.
    case delivered = 3
    /// It will not be sent again.
    case failed = 4
}

/// What is known of a call. Times are milliseconds since 1970.
public struct CallRecord: Sendable, Equatable {
    /// Grows from call to call.
    public let number: Int64
    /// Its identity, `X-Call-Id`.
    public let id: String
    /// The function.
    public let function: FunctionName
    /// The named queue.
    public let queue: String
    /// Where it is on its way.
    public let state: CallState
    /// The method.
    public let method: String
    /// Path and query behind the function's name.
    public let target: String
    /// The bytes of its request that are still kept.
    public let bytes: Int
    /// How often it was sent.
    public let attempts: Int
    /// When it was taken.
    public let acceptedAt: Int64
    /// When it is sent next, while it waits.
    public let dueAt: Int64?
    /// When it was sent last.
    public let startedAt: Int64?
    /// When it came to its end.
    public let finishedAt: Int64?
    /// The last answer's status.
    public let status: Int?
    /// Why the last attempt did not succeed.
    public let error: String?
    /// How long the last attempt took, in microseconds.
    public let microseconds: Int64?
    /// The client's key, where there was one.
    public let idempotencyKey: String?
    /// The callback, where there is one.
    public let callback: Callback?

    /// What is known of a call's callback.
    public struct Callback: Sendable, Equatable {
        /// Where to.
        public let url: String
        /// Where it is on its way.
        public let state: CallbackState
        /// How often it was sent.
        public let attempts: Int
        /// When it is sent next, while it waits.
        public let dueAt: Int64?
        /// Why the last attempt was not taken.
        public let error: String?
    }
}

/// Which calls are meant; what is `nil` does not matter.
public struct CallFilter: Sendable {
    /// The function.
    public var function: FunctionName?
    /// The named queue.
    public var queue: String?
    /// Where they are on their way.
    public var state: CallState?
    /// Only those with a lower number.
    public var before: Int64?
    /// The most that are given.
    public var limit = 100

    /// All calls.
    public init() {}
}
