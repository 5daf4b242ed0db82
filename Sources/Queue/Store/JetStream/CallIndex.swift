import OpenFaaSAPI

/// Every call that the streams know, without requests and answers: what is asked often, and whether something may be
/// changed, is answered from here. All nodes read the same streams, so all indexes become the same.
struct CallIndex {
    struct Entry: Sendable {
        var call: StoredCall
        let backlog: Backlog
        /// The number of the last record of it in the stream of records; 0 for none. Who writes the next one names it,
        /// so that of two nodes one alone does.
        var record: UInt64
    }

    private struct Key: Hashable {
        let function: String
        let key: String
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var counts = QueueCounts()
    private var keys: [Key: String] = [:]
    /// Waiting calls that were sent before, by their time: they alone are not due at once.
    private var later: [Backlog: [String: Int64]] = [:]
    /// Callbacks that wait, by their time.
    private var callbacks: [String: Int64] = [:]

    subscript(id: String) -> Entry? { entries[id] }

    func id(ofKey key: String, function: FunctionName) -> String? { keys[Key(function: "\(function)", key: key)] }

    /// Takes a call's message, the head of which is given.
    ///
    /// - Returns: whether it was news.
    mutating func put(message call: StoredCall) throws -> Bool {
        let known = entries[call.id]
        // A dead letter that waits again has a message of its own.
        guard known.map({ $0.call.sequence < call.sequence }) ?? true else { return false }
        try set(call, record: known?.record ?? 0)
        return true
    }

    /// Takes a record.
    ///
    /// - Returns: whether it was news.
    mutating func put(_ call: StoredCall, record: UInt64) throws -> Bool {
        if let known = entries[call.id] {
            guard known.record < record else { return false }
            guard known.call.sequence <= call.sequence else {
                entries[call.id]?.record = record
                return false
            }
        }
        try set(call, record: record)
        return true
    }

    private mutating func set(_ call: StoredCall, record: UInt64) throws {
        let entry = Entry(call: call, backlog: try call.backlog, record: record)
        remove(call.id)
        entries[call.id] = entry
        if let key = call.key { keys[Key(function: call.function, key: key)] = call.id }
        if call.state == .waiting, call.dueAt > call.acceptedAt {
            later[entry.backlog, default: [:]][call.id] = call.dueAt
        }
        if call.callback == .pending { callbacks[call.id] = call.callbackDue ?? 0 }
        count(entry, by: 1)
    }

    /// Forgets a call.
    mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        count(entry, by: -1)
        if let key = entry.call.key, keys[Key(function: entry.call.function, key: key)] == id {
            keys[Key(function: entry.call.function, key: key)] = nil
        }
        later[entry.backlog]?[id] = nil
        callbacks[id] = nil
    }

    /// The counts are sums over the entries, so they agree whatever came in which order.
    private mutating func count(_ entry: Entry, by sign: Int) {
        let call = entry.call
        switch call.state {
        case .waiting: counts.change(entry.backlog) { $0.waiting += sign }
        case .running: counts.change(entry.backlog) { $0.running += sign }
        case .succeeded, .dead, .cancelled: break
        }
        if call.callback == .pending || call.callback == .sending { counts.callbacks += sign }
        if call.retiredAt == nil {
            counts.live += sign
            counts.bytes += sign * (call.bytes + call.answerBytes)
        } else if call.state == .dead {
            counts.dead += sign
            counts.deadBytes += sign * call.bytes
        } else {
            counts.finished += sign
        }
    }

    /// What became of calls here since the start.
    mutating func tally(_ backlog: Backlog, _ body: (inout QueueCounts.OfBacklog) -> Void) {
        counts.change(backlog, body)
    }

    /// When the next waiting call of a backlog is due; `nil` when none waits.
    func nextDue(_ backlog: Backlog, now: Int64) -> Int64? {
        guard let waiting = counts.backlogs[backlog]?.waiting, waiting > 0 else { return nil }
        let later = later[backlog] ?? [:]
        return later.count < waiting ? now : later.values.min()
    }

    /// How many callbacks wait; the others are being sent.
    var waitingCallbacks: Int { callbacks.count }

    /// When the next callback is due; `nil` when none waits.
    var nextCallbackDue: Int64? { callbacks.values.min() }

    func oldest() -> [Backlog: Int64] {
        entries.values.reduce(into: [:]) { oldest, entry in
            guard entry.call.state == .waiting else { return }
            oldest[entry.backlog] = min(oldest[entry.backlog] ?? .max, entry.call.acceptedAt)
        }
    }

    /// The calls that a filter means, the newest first.
    func list(_ filter: CallFilter) -> [Entry] {
        let found = entries.values.filter { entry in
            (filter.function.map { $0 == entry.backlog.function } ?? true)
                && (filter.queue.map { $0 == entry.backlog.queue } ?? true)
                && (filter.state.map { $0 == entry.call.state } ?? true)
                && (filter.before.map { Int64(entry.call.sequence) < $0 } ?? true)
        }
        return found.sorted { $0.call.sequence > $1.call.sequence }
    }

    /// What is kept for long enough, the oldest first.
    func old(_ limits: QueueLimits, now: Int64, limit: Int) -> [Entry] {
        var excess = counts.finished - limits.finishedCalls
        var (dead, deadBytes) = (counts.dead, counts.deadBytes)
        let retired = entries.values.filter { $0.call.retiredAt != nil }
            .sorted { ($0.call.retiredAt ?? 0, $0.call.sequence) < ($1.call.retiredAt ?? 0, $1.call.sequence) }
        var old: [Entry] = []
        for entry in retired where old.count < limit {
            let age = now - (entry.call.retiredAt ?? now)
            if entry.call.state == .dead {
                let isOver = dead > limits.deadCalls || deadBytes > limits.deadBytes
                guard isOver || age > limits.deadRetention.milliseconds else { continue }
                dead -= 1
                deadBytes -= entry.call.bytes
            } else {
                guard excess > 0 || age > limits.retention.milliseconds else { continue }
                excess -= 1
            }
            old.append(entry)
        }
        return old
    }
}
