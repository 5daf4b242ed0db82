import OpenFaaSAPI

/// The calls of one function on one event loop.
struct CallCounter {
    /// The bounds of ``FunctionCounters/bucketBounds`` in nanoseconds.
    private static let bounds: [Int64] = FunctionCounters.bucketBounds.map { Int64(($0 * 1e9).rounded()) }

    private var started: UInt64 = 0
    private var ended: UInt64 = 0
    /// A function answers with few different statuses, so a short list is searched faster than a dictionary.
    private var statusCodes: [(status: Int, count: UInt64)] = []
    private var buckets = [UInt64](repeating: 0, count: FunctionCounters.bucketBounds.count + 1)
    private var nanoseconds: UInt64 = 0

    /// Whether a call is running or waiting.
    var isBusy: Bool { started > ended }

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
        ended += 1
        nanoseconds &+= UInt64(max(0, duration))
        if let index = statusCodes.firstIndex(where: { $0.status == status }) {
            statusCodes[index].count += 1
        } else {
            statusCodes.append((status, 1))
        }
        var bucket = 0
        while bucket < Self.bounds.count, duration > Self.bounds[bucket] { bucket += 1 }
        buckets[bucket] += 1
    }

    /// Adds these counts to a sum.
    func add(to sum: inout FunctionCounters) {
        sum.started += started
        sum.inFlight += Int(started - ended)
        for (status, count) in statusCodes { sum.statusCodes[status, default: 0] += count }
        for (bucket, count) in buckets.enumerated() { sum.durationBuckets[bucket] += count }
        sum.durationSum += .nanoseconds(Int64(clamping: nanoseconds))
    }
}
