public import OpenFaaSAPI

/// One topic of one function, and what came of it. Times are milliseconds since 1970.
public struct TriggerLine: Sendable, Equatable {
    /// The function.
    public let function: FunctionName
    /// The topic.
    public let topic: String
    /// The name of the source that serves it; `nil` when none does.
    public let source: String?
    /// The schedule, for the clock.
    public let cron: CronSettings?
    /// When it runs next, for the clock.
    public internal(set) var nextRun: Int64?
    /// When it last came.
    public internal(set) var lastRun: Int64?
    /// The call that it last became.
    public internal(set) var lastCall: String?
    /// Why it last did not become a call, or why it cannot.
    public internal(set) var lastError: String?
    /// How often what became of it; since the start of the daemon.
    public internal(set) var counts = Counts()

    /// How often what became of events.
    public struct Counts: Sendable, Equatable {
        /// They were put into the queue.
        public internal(set) var delivered: UInt64 = 0
        /// They had been put there before.
        public internal(set) var repeated: UInt64 = 0
        /// They could not be put there, and were tried again or given up.
        public internal(set) var failed: UInt64 = 0
        /// They were left out because their time had passed.
        public internal(set) var missed: UInt64 = 0
        /// They were left out because the one before had not ended.
        public internal(set) var overlapped: UInt64 = 0
    }
}
