/// How many calls a queue has, and what became of them. The totals count from the start of the daemon.
public struct QueueCounts: Sendable, Equatable {
    /// The counts of a function in a named queue.
    public struct OfBacklog: Sendable, Equatable {
        /// Calls that wait.
        public internal(set) var waiting = 0
        /// Calls that run.
        public internal(set) var running = 0
        /// Calls that were taken.
        public internal(set) var submitted: UInt64 = 0
        /// Attempts that are to be followed by another.
        public internal(set) var retried: UInt64 = 0
        /// Calls that came to their end, by how they did.
        public internal(set) var ended: [CallState: UInt64] = [:]
    }

    /// By function and queue; those that never had a call since the start are not there.
    public internal(set) var backlogs: [Backlog: OfBacklog] = [:]
    /// Callbacks that are not taken yet.
    public internal(set) var callbacks = 0
    /// Bytes of requests that are to run, and of answers that are to be told.
    public internal(set) var bytes = 0
    /// Calls that are finished, not dead letters.
    public internal(set) var finished = 0
    /// Dead letters.
    public internal(set) var dead = 0
    /// Bytes of the dead letters' requests.
    public internal(set) var deadBytes = 0
    /// Calls that wait or run, or whose callback is not taken yet.
    public internal(set) var live = 0
    /// How many commits there were.
    public internal(set) var commits: UInt64 = 0

    mutating func change(_ backlog: Backlog, _ body: (inout OfBacklog) -> Void) {
        body(&backlogs[backlog, default: OfBacklog()])
    }
}
