import Logging
import NATS
import Synchronization

extension JetStreamCallStore {
    /// What is to be done with a message of a call.
    private enum Decision {
        case begin(StoredCall, over: UInt64)
        case giveBack(after: Int64)
        /// The call has come to its end.
        case drop
        /// It is a dead letter: the message stays, and is given to nobody.
        case acknowledge
        /// It runs here already.
        case keep
    }

    /// How soon it is tried again, in milliseconds, where another node or the server is a little behind.
    private static let lag: Int64 = 100
    /// How soon it is looked again for a call that should be there.
    private static let recheck: Int64 = 250

    /// Begins as many due calls as may be.
    public func lease(_ capacity: LeaseCapacity, now: Int64) async throws -> Lease {
        guard state.withLock({ $0.isLoaded }) else { throw notLoaded }
        let first = round.add(1, ordering: .relaxed).oldValue
        let backlogs = backlogs().sorted { ($0.queue, "\($0.function)") < ($1.queue, "\($1.function)") }
        var shares = LeaseShares(capacity, among: backlogs, first: first)
        var lease = Lease()
        do {
            while let (backlog, limit) = shares.next() {
                let calls = try await doing("begin calls") { try await begin(backlog, limit: limit, now: now) }
                lease.calls += calls
                shares.took(calls.count, of: backlog)
            }
        } catch {
            // Those that were begun must be run.
            guard !lease.calls.isEmpty else { throw error }
            lease.nextDue = now + Self.recheck
            return lease
        }
        lease.nextDue = shares.exhausted.compactMap { nextLook($0, now: now) }.min()
        return lease
    }

    /// When to look again at a backlog that had fewer calls than might have been begun.
    private func nextLook(_ backlog: Backlog, now: Int64) -> Int64? {
        state.withLock { state in
            let own = Self.running(state)[backlog] ?? 0
            let isElsewhere = state.index.counts.backlogs[backlog]?.running ?? 0 > own
            let due = state.index.nextDue(backlog, now: now).map { $0 > now ? $0 : now + Self.recheck }
            let takeover = isElsewhere ? now + settings.takeover.milliseconds / 2 : nil
            return [due, takeover].compactMap(\.self).min()
        }
    }

    private func begin(_ backlog: Backlog, limit: Int, now: Int64) async throws -> [LeasedCall] {
        var begun: [LeasedCall] = []
        // Some of what is given may not be due, or not be there any more.
        for _ in 0..<4 where begun.count < limit {
            let wanted = limit - begun.count
            let deliveries = try await fetch(backlog, limit: wanted)
            begun += await begin(deliveries, backlog, now: now)
            if deliveries.count < wanted { break }
        }
        return begun
    }

    private func fetch(_ backlog: Backlog, limit: Int) async throws -> [Delivery] {
        let name = JetStreamNames.consumer(backlog)
        if !state.withLock({ $0.consumers.contains(name) }) { try await ensureConsumer(name, backlog) }
        do {
            return try await streams.fetch(from: name, of: JetStreamNames.calls, limit: limit)
        } catch {
            // It may be that somebody removed the consumer.
            state.withLock { _ = $0.consumers.remove(name) }
            throw error
        }
    }

    private func ensureConsumer(_ name: String, _ backlog: Backlog) async throws {
        try await streams.ensureConsumer(
            .shared(name, filter: JetStreamNames.call(backlog), ackWait: settings.takeover), of: JetStreamNames.calls)
        state.withLock { _ = $0.consumers.insert(name) }
    }

    /// Writes the records of all at once, and keeps their order.
    private func begin(_ deliveries: [Delivery], _ backlog: Backlog, now: Int64) async -> [LeasedCall] {
        await withTaskGroup(of: (Int, LeasedCall?).self) { group in
            for (place, delivery) in deliveries.enumerated() {
                group.addTask { (place, await self.begin(delivery, backlog, now: now)) }
            }
            var begun: [(place: Int, call: LeasedCall)] = []
            for await (place, call) in group { if let call { begun.append((place, call)) } }
            return begun.sorted { $0.place < $1.place }.map(\.call)
        }
    }

    private func begin(_ delivery: Delivery, _ backlog: Backlog, now: Int64) async -> LeasedCall? {
        do {
            switch try decide(delivery, now: now) {
            case .giveBack(let wait): await giveBack(delivery, after: wait)
            case .drop: await drop(delivery, of: JetStreamNames.calls)
            case .acknowledge: await acknowledge(delivery)
            case .keep: try await streams.keep(delivery)
            case .begin(let call, let record):
                guard let record = try await write(call, over: record) else {
                    await giveBack(delivery, after: Self.lag)
                    return nil
                }
                let number = Int64(call.sequence)
                state.withLock {
                    $0.calls[number] = Held(delivery: delivery, id: call.id, backlog: backlog, record: record)
                }
                return LeasedCall(
                    number: number, call: call.queued(delivery.message.payload, backlog), attempt: call.attempts)
            }
        } catch let error as QueueError {
            // It cannot be read, and will not be another time.
            logger.warning("a message that is no call is left alone", metadata: ["error": "\(error)"])
            await acknowledge(delivery)
        } catch {
            // The message comes again after the time of a takeover.
            logger.debug("a call is not begun yet", metadata: ["error": "\(error)"])
        }
        return nil
    }

    private func decide(_ delivery: Delivery, now: Int64) throws -> Decision {
        let head = try StoredCall(delivery.message, sequence: delivery.sequence)
        return try state.withLock { state in
            // This node may not have been told of it yet.
            _ = try state.index.put(message: head)
            guard let entry = state.index[head.id], entry.call.sequence == delivery.sequence else { return .drop }
            var call = entry.call
            switch call.state {
            case .succeeded, .cancelled: return .drop
            case .dead: return .acknowledge
            case .waiting where call.dueAt > now: return .giveBack(after: call.dueAt - now)
            case .waiting: break
            case .running:
                let number = Int64(call.sequence)
                guard state.calls[number] == nil else {
                    state.calls[number]?.delivery = delivery
                    return .keep
                }
                // Who had begun it is gone. Whether it ran is unknown, so it may run twice.
                call.error = "the daemon ended while the call was running"
            }
            call.state = .running
            call.attempts += 1
            call.startedAt = now
            return .begin(call, over: entry.record)
        }
    }

    /// Ends an attempt of a call.
    public func finish(_ lease: LeasedCall, _ verdict: CallVerdict, now: Int64) async throws {
        let (held, entry) = state.withLock { state in
            let held = state.calls[lease.number]
            return (held, held.flatMap { state.index[$0.id] })
        }
        guard let held else { return }
        guard let entry, entry.record == held.record else { return await lost(held, lease.number) }
        let delivery = held.delivery
        var call = entry.call
        call.change(verdict, now: now)
        try await doing("end the call") {
            if call.callback == .pending { try await keepAnswer(verdict.answer, of: &call) }
            guard try await write(call, over: held.record) != nil else { return await lost(held, lease.number) }
            tally(held, call, verdict)
            switch call.state {
            case .waiting: await giveBack(delivery, after: max(0, call.dueAt - now))
            case .dead: await acknowledge(delivery)
            case .running, .succeeded, .cancelled: await drop(delivery, of: JetStreamNames.calls)
            }
        }
    }

    private func tally(_ held: Held, _ call: StoredCall, _ verdict: CallVerdict) {
        state.withLock { state in
            state.calls[Int64(call.sequence)] = nil
            state.index.tally(held.backlog) { counts in
                if case .retry = verdict { counts.retried += 1 }
                if call.state != .waiting { counts.ended[call.state, default: 0] += 1 }
            }
        }
    }

    /// The call was cancelled meanwhile, or another node has it.
    private func lost(_ held: Held, _ number: Int64) async {
        let isOver = state.withLock { state in
            state.calls[number] = nil
            let call = state.index[held.id]?.call
            return call.map { Int64($0.sequence) != number || $0.state == .cancelled } ?? true
        }
        if isOver { await drop(held.delivery, of: JetStreamNames.calls) }
    }
}

extension StoredCall {
    /// What an attempt makes of a running call.
    mutating func change(_ verdict: CallVerdict, now: Int64) {
        switch verdict {
        case .succeeded(let answer, let duration):
            end(.succeeded, answer, nil, duration, now)
            bytes = 0
        case .dead(let reason, let answer, let duration):
            end(.dead, answer, reason, duration, now)
        case .retry(let due, let reason, let status, let duration):
            state = .waiting
            dueAt = due
            error = reason
            self.status = status
            microseconds = duration.microseconds
        case .released:
            state = .waiting
            attempts -= 1
        }
    }

    private mutating func end(
        _ state: CallState, _ answer: CallAnswer?, _ reason: String?, _ duration: Duration, _ now: Int64
    ) {
        self.state = state
        error = reason
        status = answer?.status
        microseconds = duration.microseconds
        finishedAt = now
        guard callbackURL != nil else {
            retiredAt = now
            return
        }
        callback = .pending
        callbackDue = now
    }
}

extension CallVerdict {
    /// What the function answered, where that may have to be told.
    var answer: CallAnswer? {
        switch self {
        case .succeeded(let answer, _): answer
        case .dead(_, let answer, _): answer
        case .retry, .released: nil
        }
    }
}
