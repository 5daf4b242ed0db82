public import OpenFaaSAPI

/// What happened to the calls of one function, summed over all event loops since the start of the proxy.
public struct FunctionCounters: Sendable, Equatable {
    /// Upper bounds of the duration buckets in seconds (`gateway_functions_seconds`); a last bucket has no bound.
    public static let bucketBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The function.
    public let name: FunctionName
    /// Calls that were taken, also those still running.
    public internal(set) var started: UInt64
    /// Calls that are running or waiting.
    public internal(set) var inFlight: Int
    /// Ended calls by status code; 499 for clients that went away.
    public internal(set) var statusCodes: [Int: UInt64]
    /// Ended calls by duration: `bucketBounds.count + 1` counts, each of its own bucket only (not cumulative).
    public internal(set) var durationBuckets: [UInt64]
    /// The sum of all durations.
    public internal(set) var durationSum: Duration

    init(name: FunctionName) {
        self.name = name
        self.started = 0
        self.inFlight = 0
        self.statusCodes = [:]
        self.durationBuckets = Array(repeating: 0, count: Self.bucketBounds.count + 1)
        self.durationSum = .zero
    }

    /// The sum of two counts of the same function.
    func adding(_ other: FunctionCounters) -> FunctionCounters {
        var sum = self
        sum.started += other.started
        sum.inFlight += other.inFlight
        sum.statusCodes.merge(other.statusCodes, uniquingKeysWith: +)
        for bucket in sum.durationBuckets.indices { sum.durationBuckets[bucket] += other.durationBuckets[bucket] }
        sum.durationSum += other.durationSum
        return sum
    }
}
