import OpenFaaSAPI

/// What is being sent now, and so what more may be.
struct InFlight {
    private let concurrency: Int
    private let queueConcurrency: [String: Int]
    private let callbackConcurrency: Int
    private var calls: [Backlog: Int] = [:]
    private var unwritten = 0
    private(set) var callbacks = 0

    init(concurrency: Int, queueConcurrency: [String: Int], callbackConcurrency: Int) {
        self.concurrency = concurrency
        self.queueConcurrency = queueConcurrency
        self.callbackConcurrency = callbackConcurrency
    }

    /// How many calls run.
    var count: Int { calls.values.reduce(0, +) }

    /// Whether anything more may be begun at all.
    var hasRoom: Bool { count < concurrency }

    /// Whether so many run that others may wait for more places to become free.
    var isHalfFull: Bool { count * 2 >= concurrency && count > 1 }

    /// How many callbacks may be begun.
    var callbackRoom: Int { callbackConcurrency - callbacks }

    /// What may be begun.
    ///
    /// - Parameter limits: the most calls at once of the functions that say so.
    func capacity(_ limits: [FunctionName: Int]) -> LeaseCapacity {
        var capacity = LeaseCapacity(total: concurrency - count)
        for (queue, limit) in queueConcurrency {
            capacity.queues[queue] = limit - calls.filter { $0.key.queue == queue }.values.reduce(0, +)
        }
        for (function, limit) in limits {
            capacity.functions[function] =
                limit - calls.filter { $0.key.function == function }.values.reduce(0, +)
        }
        return capacity
    }

    mutating func began(_ backlog: Backlog) {
        calls[backlog, default: 0] += 1
    }

    /// A call was answered, and what came of it is not written yet.
    ///
    /// - Returns: whether another may be begun in its place. There are never more such than may run at once: when they
    ///   cannot be written, calls hold their places, so that no others are begun whose end cannot be written either.
    mutating func answered(_ backlog: Backlog) -> Bool {
        guard unwritten < concurrency else { return false }
        unwritten += 1
        ended(backlog)
        return true
    }

    /// What came of a call is written.
    ///
    /// - Parameter wasFree: what ``answered(_:)`` returned.
    mutating func written(_ backlog: Backlog, wasFree: Bool) {
        if wasFree { unwritten -= 1 } else { ended(backlog) }
    }

    private mutating func ended(_ backlog: Backlog) {
        let left = (calls[backlog] ?? 1) - 1
        calls[backlog] = left > 0 ? left : nil
    }

    mutating func beganCallback() { callbacks += 1 }

    mutating func endedCallback() { callbacks -= 1 }
}
