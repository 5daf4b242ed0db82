public import OpenFaaSAPI

/// What happened to the calls of one function, summed over all event loops since the start of the proxy.
public struct FunctionCounters: Sendable, Equatable {
    /// Upper bounds of the duration buckets in seconds (`gateway_functions_seconds`); a last bucket has no bound.
    public static let bucketBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The calls that ended with one status code.
    public struct Ended: Sendable, Equatable {
        /// By duration: `bucketBounds.count + 1` counts, each of its own bucket only (not cumulative).
        public internal(set) var buckets = [UInt64](repeating: 0, count: FunctionCounters.bucketBounds.count + 1)
        /// The sum of all durations.
        public internal(set) var duration = Duration.zero

        /// How many there were.
        public var count: UInt64 { buckets.reduce(0, +) }

        mutating func add(_ other: Ended) {
            for bucket in buckets.indices { buckets[bucket] += other.buckets[bucket] }
            duration += other.duration
        }
    }

    /// The function.
    public let name: FunctionName
    /// Calls that were taken, also those still running.
    public internal(set) var started: UInt64
    /// Calls that are running or waiting.
    public internal(set) var inFlight: Int
    /// Ended calls by status code; 499 for clients that went away.
    public internal(set) var ended: [Int: Ended]

    init(name: FunctionName) {
        self.name = name
        self.started = 0
        self.inFlight = 0
        self.ended = [:]
    }

    /// The sum of two counts of the same function.
    public func adding(_ other: FunctionCounters) -> FunctionCounters {
        var sum = self
        sum.started += other.started
        sum.inFlight += other.inFlight
        for (status, calls) in other.ended { sum.ended[status, default: Ended()].add(calls) }
        return sum
    }
}
