import NATS
import Synchronization

extension JetStreamCallStore {
    /// Calls off a call that waits or runs, on whichever node, and gives its number.
    public func cancel(_ id: String, now: Int64) async throws -> Int64 {
        try await doing("cancel the call") {
            while true {
                let entry = try known(id)
                guard entry.call.state == .waiting || entry.call.state == .running else {
                    throw QueueError(
                        .wrongState,
                        "call \(id) is \(entry.call.state.name); only one that waits or runs can be cancelled")
                }
                var call = entry.call
                call.state = .cancelled
                call.finishedAt = now
                call.retiredAt = now
                call.bytes = 0
                guard try await write(call, over: entry.record) != nil else {
                    try await refresh(id)
                    continue
                }
                state.withLock { state in
                    state.index.tally(entry.backlog) { $0.ended[.cancelled, default: 0] += 1 }
                }
                await remove(call.sequence, of: JetStreamNames.calls)
                return Int64(call.sequence)
            }
        }
    }

    private func known(_ id: String) throws -> CallIndex.Entry {
        let (entry, isLoaded) = state.withLock { ($0.index[id], $0.isLoaded) }
        guard isLoaded else { throw notLoaded }
        guard let entry else { throw QueueError.notFound(id) }
        return entry
    }

    /// Reads the last record of a call, of which this node has not been told yet.
    private func refresh(_ id: String) async throws {
        guard
            let (sequence, message) = try await streams.lastMessage(
                JetStreamNames.record(id), of: JetStreamNames.records)
        else { throw QueueError.notFound(id) }
        let call = try StoredCall(json: message.payload)
        try state.withLock { _ = try $0.index.put(call, record: sequence) }
    }

    /// Makes a dead letter wait again, with all its attempts. It gets a new number.
    public func redrive(_ id: String, now: Int64) async throws {
        let entry = try known(id)
        guard entry.call.state == .dead else {
            throw QueueError(.wrongState, "call \(id) is \(entry.call.state.name); only a dead one can be redriven")
        }
        guard entry.call.callback != .pending, entry.call.callback != .sending else {
            throw QueueError(.wrongState, "the callback of call \(id) is still to be taken; try again later")
        }
        guard try await revive(entry, now: now) else { throw QueueError.full(limits, counts()) }
    }

    /// Makes dead letters wait again, and says how many.
    public func redrive(_ filter: CallFilter, now: Int64) async throws -> Int {
        var filter = filter
        filter.state = .dead
        let dead = state.withLock { [filter] in $0.index.list(filter) }.reversed()
            .filter { $0.call.retiredAt != nil }.prefix(filter.limit)
        var count = 0
        for entry in dead {
            guard try await revive(entry, now: now) else { break }
            count += 1
        }
        return count
    }

    /// The message goes into the stream again, because the old one is given to nobody any more.
    ///
    /// - Returns: whether there was room for it.
    private func revive(_ entry: CallIndex.Entry, now: Int64) async throws -> Bool {
        let old = entry.call
        let counts = counts()
        guard counts.live < limits.calls, counts.bytes + old.bytes <= limits.bytes else { return false }
        return try await doing("redrive the call") {
            guard let message = try await streams.message(old.sequence, of: JetStreamNames.calls) else {
                throw QueueError.notFound(old.id)
            }
            var call = try StoredCall(message, sequence: 0)
            call.dueAt = now
            // Two nodes that are asked the same at once put one message.
            let kept = try await streams.publish(
                JetStreamNames.call(entry.backlog), headers: [JetStreamNames.head: try call.json],
                payload: message.payload, id: "redrive:\(old.sequence)")
            call.sequence = kept.sequence
            let revived = call
            try state.withLock { _ = try $0.index.put(message: revived) }
            await remove(old.sequence, of: JetStreamNames.calls)
            return true
        }
    }

    /// The most calls that are forgotten at once.
    private static let pruneSize = 500

    /// Forgets what is kept for long enough. Every node does it by the same rules; the first removes the records.
    public func prune(now: Int64) async throws -> Bool {
        let old = state.withLock { [limits] in $0.index.old(limits, now: now, limit: Self.pruneSize) }
        try await doing("forget old calls") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for entry in old { group.addTask { try await self.forget(entry) } }
                try await group.waitForAll()
            }
        }
        return old.count == Self.pruneSize
    }

    private func forget(_ entry: CallIndex.Entry) async throws {
        if entry.call.state == .dead { try await streams.delete(entry.call.sequence, of: JetStreamNames.calls) }
        try await streams.delete(entry.record, of: JetStreamNames.records)
        state.withLock { state in
            // It may have been made to wait again meanwhile.
            guard state.index[entry.call.id]?.record == entry.record,
                state.index[entry.call.id]?.call.sequence == entry.call.sequence
            else { return }
            state.index.remove(entry.call.id)
        }
    }

    /// One call.
    public func call(_ id: String) async throws -> CallRecord? {
        try state.withLock { state in
            guard state.isLoaded else { throw notLoaded }
            return state.index[id].map { $0.call.record($0.backlog) }
        }
    }

    /// Calls, the newest first.
    public func list(_ filter: CallFilter) async throws -> [CallRecord] {
        try state.withLock { state in
            guard state.isLoaded else { throw notLoaded }
            return state.index.list(filter).prefix(filter.limit).map { $0.call.record($0.backlog) }
        }
    }

    /// When the oldest waiting call of each backlog was taken.
    public func oldest() async throws -> [Backlog: Int64] { state.withLock { $0.index.oldest() } }
}
