public import OpenFaaSAPI

/// A function's calls in one named queue.
public struct Backlog: Hashable, Sendable {
    /// The named queue.
    public let queue: String
    /// The function.
    public let function: FunctionName

    /// Makes a key.
    public init(queue: String, function: FunctionName) {
        self.queue = queue
        self.function = function
    }
}

/// What became of a call that was to be kept.
public struct Appended: Sendable, Equatable {
    /// Its identity; another than was asked for, where that was taken.
    public let id: String
    /// Whether the idempotency key was known, so that this is the earlier call.
    public let isRepeated: Bool
}

/// How many calls may be begun.
public struct LeaseCapacity: Sendable {
    /// Of all.
    public var total: Int
    /// Of a named queue; one that is not named has no limit of its own.
    public var queues: [String: Int] = [:]
    /// Of a function; one that is not named has no limit of its own.
    public var functions: [FunctionName: Int] = [:]

    /// Makes a capacity without limits for single queues and functions.
    public init(total: Int) {
        self.total = total
    }

    /// How many calls of a function in a queue may be begun; 0 or less for none.
    func room(_ backlog: Backlog) -> Int {
        min(total, queues[backlog.queue] ?? .max, functions[backlog.function] ?? .max)
    }
}

/// Calls that were taken to be run.
public struct Lease: Sendable {
    /// The calls, each now running.
    public var calls: [LeasedCall] = []
    /// When the next call that may be begun is due, in milliseconds since 1970; `nil` when none waits for its time.
    public var nextDue: Int64?
}

/// Callbacks that were taken to be sent.
public struct CallbackLease: Sendable {
    /// The callbacks, each now being sent.
    public var callbacks: [LeasedCallback] = []
    /// When the next one is due, in milliseconds since 1970; `nil` when there is none.
    public var nextDue: Int64?
}

/// How a call went.
public enum CallVerdict: Sendable {
    /// It is done. The answer is kept when there is a callback.
    case succeeded(CallAnswer, duration: Duration)
    /// It is sent again at a time, in milliseconds since 1970.
    case retry(at: Int64, reason: String, status: Int?, duration: Duration)
    /// It is a dead letter. The answer is kept when there is a callback.
    case dead(reason: String, CallAnswer?, duration: Duration)
    /// It waits on as if it had not been begun.
    case released
}

/// How a callback went.
public enum CallbackVerdict: Sendable {
    /// It was taken.
    case delivered
    /// It is sent again at a time, in milliseconds since 1970.
    case retry(at: Int64, reason: String)
    /// It is not sent again.
    case failed(reason: String)
    /// It waits on as if it had not been begun.
    case released
}

/// What happened to the calls without this daemon's doing.
public enum StoreNews: Sendable {
    /// There may be calls or callbacks to begin.
    case callsWait
    /// A call that runs here was called off, or is run by another daemon, by its number.
    case calledOff(Int64)
}

/// Keeps calls. Whatever a method has returned holds after a crash of the daemon.
///
/// Every method that writes throws ``QueueError``; times are milliseconds since 1970.
public protocol CallStore: Sendable {
    /// Keeps a call; ``QueueError/Code/full`` when there is no room.
    func append(_ call: QueuedCall) async throws -> Appended
    /// Functions that have calls waiting, also such that are not due yet.
    func backlogs() -> [Backlog]
    /// Begins as many due calls as may be, the oldest of each function first, and shared among functions.
    func lease(_ capacity: LeaseCapacity, now: Int64) async throws -> Lease
    /// Ends an attempt; of no effect where the call was cancelled meanwhile.
    func finish(_ lease: LeasedCall, _ verdict: CallVerdict, now: Int64) async throws
    /// Begins due callbacks.
    func leaseCallbacks(limit: Int, now: Int64) async throws -> CallbackLease
    /// Ends an attempt of a callback.
    func finish(_ lease: LeasedCallback, _ verdict: CallbackVerdict, now: Int64) async throws
    /// Calls off a call that waits or runs.
    ///
    /// - Returns: its number, for whoever is running it.
    func cancel(_ id: String, now: Int64) async throws -> Int64
    /// Makes a dead letter wait again, with all its attempts.
    func redrive(_ id: String, now: Int64) async throws
    /// Makes dead letters wait again, at most the filter's limit, the oldest first.
    ///
    /// - Returns: how many.
    func redrive(_ filter: CallFilter, now: Int64) async throws -> Int
    /// One call.
    func call(_ id: String) async throws -> CallRecord?
    /// Calls, the newest first.
    func list(_ filter: CallFilter) async throws -> [CallRecord]
    /// How many calls there are.
    func counts() -> QueueCounts
    /// When the oldest waiting call of each backlog was taken.
    func oldest() async throws -> [Backlog: Int64]
    /// Forgets what is kept for long enough.
    ///
    /// - Returns: whether there is more to forget at once.
    func prune(now: Int64) async throws -> Bool
    /// What others do to the calls; for one reader.
    var news: AsyncStream<StoreNews> { get }
    /// Does what the store has to do all the time, until the task is cancelled.
    func run() async
    /// Ends the store; nothing may be asked of it afterwards.
    func close() async throws
}
