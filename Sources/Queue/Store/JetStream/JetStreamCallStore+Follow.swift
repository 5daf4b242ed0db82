import Logging
import NATS
import Synchronization

/// Following the streams: what is there at the start, and what all nodes do from then on.
extension JetStreamCallStore {
    private static let pause = Duration.milliseconds(500)

    /// Reads the streams, and reports what runs here, until the task is cancelled. Makes the streams if they are missing,
    /// and waits for the server as long as it takes.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.report() }
            var isToldOf = false
            while !Task.isCancelled {
                do {
                    try await streams.client.waitUntilConnected(within: .seconds(1))
                    for stream in JetStreamNames.streams { try await streams.ensureStream(stream) }
                    try await streams.ensureConsumer(
                        .shared(JetStreamNames.callbacks, ackWait: settings.takeover), of: JetStreamNames.answers)
                    try await follow()
                } catch {
                    // Once each time is enough; the client itself says why there is no connection.
                    logger.log(
                        level: isToldOf ? .debug : .notice, "the queue waits for NATS", metadata: ["error": "\(error)"])
                    isToldOf = true
                    // Cut short by cancellation only, which the loop sees.
                    try? await Task.sleep(for: Self.pause)
                }
            }
            group.cancelAll()
        }
    }

    /// Reads both streams from where they were read to, for as long as that works.
    private func follow() async throws {
        try await noticeLoss()
        let (callsRead, recordsRead) = state.withLock { ($0.callsRead, $0.recordsRead) }
        var calls = StreamReader(JetStreamNames.calls, after: callsRead, headersOnly: true)
        var records = StreamReader(JetStreamNames.records, after: recordsRead, headersOnly: false)
        var present: [(id: String, sequence: UInt64)] = []
        try await calls.begin(streams)
        try await records.begin(streams)
        while let messages = try await calls.readWaiting(streams) {
            for message in messages { if let call = take(call: message) { present.append((call.id, call.sequence)) } }
        }
        while let messages = try await records.readWaiting(streams) {
            for message in messages { take(record: message) }
        }
        let isFirst = state.withLock { state in
            defer { state.isLoaded = true }
            return !state.isLoaded
        }
        newsWriter.yield(.callsWait)
        if isFirst { await removeLeftovers(present) }
        let (nextCalls, nextRecords) = (calls, records)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await nextCalls.follow(self.streams) { _ = self.take(call: $0) } }
            group.addTask { try await nextRecords.follow(self.streams) { self.take(record: $0) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// A server may come back without what it had, such as with an empty disk.
    private func noticeLoss() async throws {
        let lastCall = try await streams.state(of: JetStreamNames.calls).lastSequence
        let lastRecord = try await streams.state(of: JetStreamNames.records).lastSequence
        let isLost = state.withLock { state in
            guard lastCall < state.callsRead || lastRecord < state.recordsRead else { return false }
            (state.index, state.callsRead, state.recordsRead) = (CallIndex(), 0, 0)
            state.consumers = []
            return true
        }
        if isLost { logger.error("the NATS server has lost calls: its streams are shorter than they were") }
    }

    @discardableResult
    private func take(call delivery: Delivery) -> StoredCall? {
        do {
            let call = try StoredCall(delivery.message, sequence: delivery.sequence)
            let isNews = try state.withLock { state in
                state.callsRead = max(state.callsRead, delivery.sequence)
                return try state.index.put(message: call)
            }
            if isNews { newsWriter.yield(.callsWait) }
            return call
        } catch {
            skip(delivery, error)
            return nil
        }
    }

    private func take(record delivery: Delivery) {
        do {
            let call = try StoredCall(json: delivery.message.payload)
            let number = Int64(call.sequence)
            let (isNews, isTaken) = try state.withLock { state in
                state.recordsRead = max(state.recordsRead, delivery.sequence)
                let isNews = try state.index.put(call, record: delivery.sequence)
                let held = state.calls[number]
                return (isNews, call.node != node && held.map { $0.record < delivery.sequence } ?? false)
            }
            if isTaken { newsWriter.yield(.calledOff(number)) }
            if isNews { newsWriter.yield(.callsWait) }
        } catch {
            skip(delivery, error)
        }
    }

    private func skip(_ delivery: Delivery, _ error: any Error) {
        logger.warning(
            "a message in the queue's streams is left alone",
            metadata: ["subject": "\(delivery.message.subject)", "error": "\(error)"])
    }

    /// Removes messages of calls that have ended, where a node did not come to it.
    private func removeLeftovers(_ present: [(id: String, sequence: UInt64)]) async {
        for (id, sequence) in present {
            let isLeft = state.withLock { state in
                guard let call = state.index[id]?.call else { return false }
                return call.sequence > sequence || call.state == .succeeded || call.state == .cancelled
            }
            if isLeft { await remove(sequence, of: JetStreamNames.calls) }
        }
    }

    /// Tells the server that calls run on here, so that they are given to nobody else.
    private func report() async {
        while !Task.isCancelled {
            for held in state.withLock({ Array($0.calls.values) + Array($0.callbacks.values) }) {
                do {
                    try await streams.keep(held.delivery)
                } catch {
                    logger.debug("a running call is not reported", metadata: ["error": "\(error)"])
                }
            }
            // Cut short by cancellation only, which the loop sees.
            try? await Task.sleep(for: settings.reportInterval)
        }
    }
}
