import Proxy

/// What calls of a function did within a span of time.
struct CallSample: Sendable, Equatable {
    /// Calls that ended, a second.
    var rate: Float
    /// Those that ended with a status of 500 or more, a second.
    var errors: Float
    /// Seconds that half, 95 and 99 of a hundred calls took at most; 0 when none ended.
    var p50: Float
    var p95: Float
    var p99: Float
    /// Calls that ran or waited at the end.
    var inFlight: Int32

    /// Whether there is nothing to tell.
    var isQuiet: Bool { rate == 0 && inFlight == 0 }
}

/// The counts of a function at one moment, of which two make a ``CallSample``.
struct CallTotals: Sendable, Equatable {
    var buckets = [UInt64](repeating: 0, count: FunctionCounters.bucketBounds.count + 1)
    var errors: UInt64 = 0
    var inFlight = 0

    var count: UInt64 { buckets.reduce(0, +) }

    init() {}

    init(_ counters: FunctionCounters) {
        for (status, calls) in counters.ended {
            for index in buckets.indices { buckets[index] += calls.buckets[index] }
            if status >= 500 { errors += calls.count }
        }
        inFlight = counters.inFlight
    }

    /// What happened since an earlier moment. Counts that went back belong to a function that was made anew, and are
    /// taken as they are.
    func since(_ earlier: CallTotals, seconds: Double) -> CallSample {
        let isAnew = zip(buckets, earlier.buckets).contains { $0 < $1 } || errors < earlier.errors
        let first = isAnew ? CallTotals() : earlier
        let counts = zip(buckets, first.buckets).map { $0 - $1 }
        let seconds = max(seconds, 0.001)
        return CallSample(
            rate: Float(Double(counts.reduce(0, +)) / seconds), errors: Float(Double(errors - first.errors) / seconds),
            p50: Self.quantile(0.5, counts), p95: Self.quantile(0.95, counts), p99: Self.quantile(0.99, counts),
            inFlight: Int32(clamping: inFlight))
    }

    /// Estimates a quantile of durations as Prometheus does: evenly spread within a bucket, and at the last bound when it
    /// is in the bucket without one.
    static func quantile(_ share: Double, _ counts: [UInt64]) -> Float {
        let all = counts.reduce(0, +)
        guard all > 0 else { return 0 }
        let bounds = FunctionCounters.bucketBounds
        let rank = share * Double(all)
        var below = 0.0
        for (index, count) in counts.enumerated() {
            let upTo = below + Double(count)
            if count > 0, upTo >= rank {
                guard index < bounds.count else { return Float(bounds[bounds.count - 1]) }
                let lower = index == 0 ? 0 : bounds[index - 1]
                return Float(lower + (bounds[index] - lower) * (rank - below) / Double(count))
            }
            below = upTo
        }
        return Float(bounds[bounds.count - 1])
    }
}
