import OpenFaaSAPI

/// The calls of one function on one event loop.
struct CallCounter {
    /// The bounds of ``FunctionCounters/bucketBounds`` in nanoseconds.
    private static let bounds: [Int64] = FunctionCounters.bucketBounds.map { Int64(($0 * 1e9).rounded()) }

    /// The calls that ended with one status.
    private struct Ended {
        let status: Int
        var buckets = [UInt64](repeating: 0, count: FunctionCounters.bucketBounds.count + 1)
        var nanoseconds: UInt64 = 0
    }

    private var started: UInt64 = 0
    private var endedCount: UInt64 = 0
    /// A function answers with few different statuses, so a short list is searched faster than a dictionary.
    private var ended: [Ended] = []

    /// Whether a call is running or waiting.
    var isBusy: Bool { started > endedCount }

    /// A call was taken.
    mutating func begin() {
        started += 1
    }

    /// A call has ended.
    ///
    /// - Parameters:
    ///   - status: what was answered; 499 when the client went away.
    ///   - duration: nanoseconds since ``begin()``.
    mutating func end(status: Int, duration: Int64) {
        endedCount += 1
        var index = 0
        while index < ended.count, ended[index].status != status { index += 1 }
        if index == ended.count { ended.append(Ended(status: status)) }
        ended[index].nanoseconds &+= UInt64(max(0, duration))
        var bucket = 0
        while bucket < Self.bounds.count, duration > Self.bounds[bucket] { bucket += 1 }
        ended[index].buckets[bucket] += 1
    }

    /// Adds these counts to a sum.
    func add(to sum: inout FunctionCounters) {
        sum.started += started
        sum.inFlight += Int(started - endedCount)
        for calls in ended {
            var added = FunctionCounters.Ended()
            added.buckets = calls.buckets
            added.duration = .nanoseconds(Int64(clamping: calls.nanoseconds))
            sum.ended[calls.status, default: FunctionCounters.Ended()].add(added)
        }
    }
}
