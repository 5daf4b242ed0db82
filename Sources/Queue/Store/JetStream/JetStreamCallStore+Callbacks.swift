import Foundation
import Logging
import NATS
import Synchronization

extension JetStreamCallStore {
    private enum Decision {
        case begin(StoredCall, over: UInt64)
        case giveBack(after: Int64)
        case drop
        case keep
    }

    /// How soon an answer is looked at again whose call is not known to have ended.
    private static let lag: Int64 = 500
    /// How soon it is looked again for a callback that should be there.
    private static let recheck: Int64 = 250

    /// Keeps an answer until it is told, and notes its bytes. It is written before the call ends: the other way round it
    /// could be missing.
    func keepAnswer(_ answer: CallAnswer?, of call: inout StoredCall) async throws {
        var answer = answer ?? CallAnswer(status: 503)
        let fields = HeaderText.write(answer.headers)
        // The server takes no longer message; the head needs some room too.
        let room = (streams.client.maximumPayload ?? .max) - 1024
        if fields.utf8.count + answer.body.count > room {
            answer = CallAnswer(status: answer.status, headers: answer.headers, isCut: true)
        }
        let head = StoredAnswer(
            id: call.id, sequence: call.sequence, status: call.status, fieldBytes: fields.utf8.count,
            isCut: answer.isCut)
        let json = String(decoding: try JSONEncoder().encode(head), as: UTF8.self)
        let payload = Array(fields.utf8) + answer.body
        call.answerBytes = payload.count
        _ = try await streams.publish(
            JetStreamNames.answer(call.id), headers: [JetStreamNames.head: json], payload: payload)
    }

    /// Begins due callbacks.
    public func leaseCallbacks(limit: Int, now: Int64) async throws -> CallbackLease {
        guard state.withLock({ $0.isLoaded }) else { throw notLoaded }
        let deliveries = try await doing("begin callbacks") {
            try await streams.fetch(from: JetStreamNames.callbacks, of: JetStreamNames.answers, limit: limit)
        }
        var lease = CallbackLease()
        for delivery in deliveries {
            if let callback = await begin(delivery, now: now) { lease.callbacks.append(callback) }
        }
        if lease.callbacks.count < limit {
            let (due, isElsewhere) = state.withLock { state in
                let sending = state.index.counts.callbacks - state.index.waitingCallbacks
                return (state.index.nextCallbackDue, sending > state.callbacks.count)
            }
            let takeover = isElsewhere ? now + settings.takeover.milliseconds / 2 : nil
            lease.nextDue = [due.map { $0 > now ? $0 : now + Self.recheck }, takeover].compactMap(\.self).min()
        }
        return lease
    }

    private func begin(_ delivery: Delivery, now: Int64) async -> LeasedCallback? {
        do {
            let head = try Self.head(delivery)
            switch decide(head, delivery, now: now) {
            case .giveBack(let wait): await giveBack(delivery, after: wait)
            case .drop: await drop(delivery, of: JetStreamNames.answers)
            case .keep: try await streams.keep(delivery)
            case .begin(let call, let record):
                guard let record = try await write(call, over: record), let url = call.callbackURL else {
                    await giveBack(delivery, after: Self.lag)
                    return nil
                }
                let number = Int64(call.sequence)
                let backlog = try call.backlog
                state.withLock {
                    $0.callbacks[number] = Held(delivery: delivery, id: call.id, backlog: backlog, record: record)
                }
                return LeasedCallback(call, url: url, head, delivery.message.payload)
            }
        } catch let error as QueueError {
            logger.warning("a message that is no answer is left alone", metadata: ["error": "\(error)"])
            await acknowledge(delivery)
        } catch {
            logger.debug("a callback is not begun yet", metadata: ["error": "\(error)"])
        }
        return nil
    }

    private static func head(_ delivery: Delivery) throws -> StoredAnswer {
        guard let text = delivery.message.headers[JetStreamNames.head],
            let head = try? JSONDecoder().decode(StoredAnswer.self, from: Data(text.utf8)), head.fieldBytes >= 0
        else { throw QueueError(.storeFailed, "the stream of answers has a message that is no answer") }
        return head
    }

    private func decide(_ head: StoredAnswer, _ delivery: Delivery, now: Int64) -> Decision {
        state.withLock { state in
            guard let entry = state.index[head.id] else { return .drop }
            var call = entry.call
            guard call.sequence == head.sequence, call.state != .cancelled else { return .drop }
            switch call.callback {
            // The answer is written before the end of its call is.
            case .none: return .giveBack(after: Self.lag)
            case .delivered, .failed: return .drop
            case .pending:
                let due = call.callbackDue ?? 0
                guard due <= now else { return .giveBack(after: due - now) }
            case .sending:
                let number = Int64(call.sequence)
                guard state.callbacks[number] == nil else {
                    state.callbacks[number]?.delivery = delivery
                    return .keep
                }
            }
            call.callback = .sending
            call.callbackAttempts += 1
            return .begin(call, over: entry.record)
        }
    }

    /// Ends an attempt of a callback.
    public func finish(_ lease: LeasedCallback, _ verdict: CallbackVerdict, now: Int64) async throws {
        let (held, entry) = state.withLock { state in
            let held = state.callbacks[lease.number]
            return (held, held.flatMap { state.index[$0.id] })
        }
        guard let held else { return }
        guard var call = entry?.call, entry?.record == held.record else {
            state.withLock { $0.callbacks[lease.number] = nil }
            return
        }
        call.change(verdict, now: now)
        let next = call
        try await doing("end the callback") {
            let isWritten = try await write(next, over: held.record) != nil
            state.withLock { $0.callbacks[lease.number] = nil }
            guard isWritten else { return }
            if next.callback == .pending {
                await giveBack(held.delivery, after: max(0, (next.callbackDue ?? 0) - now))
            } else {
                await drop(held.delivery, of: JetStreamNames.answers)
            }
        }
    }
}

extension StoredCall {
    /// What an attempt makes of a callback.
    mutating func change(_ verdict: CallbackVerdict, now: Int64) {
        switch verdict {
        case .delivered: retire(.delivered, nil, now)
        case .failed(let reason): retire(.failed, reason, now)
        case .retry(let due, let reason):
            callback = .pending
            callbackDue = due
            callbackError = reason
        case .released:
            callback = .pending
            callbackAttempts -= 1
        }
    }

    private mutating func retire(_ state: CallbackState, _ reason: String?, _ now: Int64) {
        callback = state
        callbackDue = nil
        callbackError = reason
        answerBytes = 0
        retiredAt = now
    }
}

extension LeasedCallback {
    init(_ call: StoredCall, url: String, _ head: StoredAnswer, _ payload: [UInt8]) {
        number = Int64(call.sequence)
        id = call.id
        spelling = call.spelling
        self.url = url
        // OpenFaaS's queue worker says 503 where there was no answer.
        answer = CallAnswer(
            status: head.status ?? 503,
            headers: HeaderText.read(String(decoding: payload.prefix(head.fieldBytes), as: UTF8.self)),
            body: Data(payload.dropFirst(head.fieldBytes)), isCut: head.isCut)
        duration = .microseconds(call.microseconds ?? 0)
        attempts = call.attempts
        callbackAttempt = call.callbackAttempts
    }
}
