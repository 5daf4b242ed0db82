import Foundation
public import Logging
public import NATS
import Synchronization

/// Keeps calls in streams of a NATS server, which several daemons may share: each is a node.
///
/// A call's message says that there is something to do, and is given to one node at a time; its record says how far it
/// is, and of two nodes that write it at once one alone succeeds. What a node does in between may be repeated by
/// another, and is never lost.
public final class JetStreamCallStore: CallStore {
    struct State {
        var index = CallIndex()
        /// The last message of each stream that the index has.
        var callsRead: UInt64 = 0
        var recordsRead: UInt64 = 0
        /// Whether the index has all that was there at the start.
        var isLoaded = false
        /// What this node runs, by the number of the call.
        var calls: [Int64: Held] = [:]
        /// Callbacks that this node sends, by the number of the call.
        var callbacks: [Int64: Held] = [:]
        /// Consumers that are known to be there.
        var consumers: Set<String> = []
        /// Calls that are being written, and their bytes.
        var unwritten = 0
        var unwrittenBytes = 0
    }

    /// A message that this node is at work on.
    struct Held: Sendable {
        var delivery: Delivery
        let id: String
        let backlog: Backlog
        /// The number of the record that says so.
        let record: UInt64
    }

    let streams: JetStream
    let limits: QueueLimits
    let settings: JetStreamSettings
    let logger: Logger
    /// Who writes a record; another one each time.
    let node = UUID().uuidString
    let state = Mutex(State())
    /// Which backlog is looked at first, so that none is always last.
    let round = Atomic(0)
    /// What other nodes do.
    public let news: AsyncStream<StoreNews>
    let newsWriter: AsyncStream<StoreNews>.Continuation

    /// Makes a store over a connection, which it begins, and ends with ``close()``. Nothing is kept before ``run()``.
    public init(
        client: NATSClient, limits: QueueLimits = QueueLimits(), settings: JetStreamSettings = JetStreamSettings(),
        logger: Logger
    ) {
        streams = JetStream(client: client)
        self.limits = limits
        self.settings = settings
        self.logger = logger
        (news, newsWriter) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096))
        client.start()
    }

    /// Ends the connection.
    public func close() async {
        newsWriter.finish()
        await streams.client.shutdown()
    }

    /// How many calls there are on all nodes, as far as this node was told.
    public func counts() -> QueueCounts { state.withLock { $0.index.counts } }

    /// Functions that have calls waiting, or running elsewhere: those come back when their node is gone.
    public func backlogs() -> [Backlog] {
        state.withLock { state in
            let own = Self.running(state)
            return state.index.counts.backlogs
                .filter { $0.value.waiting > 0 || $0.value.running > own[$0.key] ?? 0 }.map(\.key)
        }
    }

    /// How many calls this node runs.
    static func running(_ state: State) -> [Backlog: Int] {
        state.calls.values.reduce(into: [:]) { $0[$1.backlog, default: 0] += 1 }
    }

    /// Keeps a call; returns when the stream has it.
    public func append(_ call: QueuedCall) async throws -> Appended {
        let fields = HeaderText.write(call.request.headers)
        var stored = StoredCall(call, fields: fields)
        if let earlier = try reserve(&stored) { return Appended(id: earlier, isRepeated: true) }
        defer {
            state.withLock { state in
                state.unwritten -= 1
                state.unwrittenBytes -= stored.bytes
            }
        }
        let backlog = Backlog(queue: call.queue, function: call.function)
        let payload = Array(fields.utf8) + call.request.body
        return try await doing("keep the call") {
            while true {
                // Two nodes may be asked the same at once: the stream itself keeps one of them.
                let identity = call.idempotencyKey.map { "key:\(call.function):\(natsToken($0))" } ?? "id:\(stored.id)"
                let kept = try await streams.publish(
                    JetStreamNames.call(backlog), headers: [JetStreamNames.head: try stored.json], payload: payload,
                    id: identity)
                guard kept.isDuplicate else {
                    stored.sequence = kept.sequence
                    try appended(stored, backlog)
                    return Appended(id: stored.id, isRepeated: false)
                }
                if call.idempotencyKey != nil, let earlier = try await id(ofMessage: kept.sequence, call) {
                    return Appended(id: earlier, isRepeated: true)
                }
                stored.id = UUID().uuidString.lowercased()
            }
        }
    }

    /// Makes room for a call, and gives it another identity where its own is taken.
    ///
    /// - Returns: the earlier call with the same key, if there is one; there is no room made then.
    private func reserve(_ stored: inout StoredCall) throws -> String? {
        let call = stored
        let (earlier, isTaken) = try state.withLock { state throws -> (String?, Bool) in
            guard state.isLoaded else { throw notLoaded }
            let function = try call.backlog.function
            if let key = call.key, let earlier = state.index.id(ofKey: key, function: function) {
                return (earlier, false)
            }
            let counts = state.index.counts
            guard counts.live + state.unwritten < limits.calls,
                counts.bytes + state.unwrittenBytes + call.bytes <= limits.bytes
            else { throw QueueError.full(limits, counts) }
            guard state.unwrittenBytes + call.bytes <= limits.unwrittenBytes || state.unwritten == 0 else {
                throw QueueError(.full, "the NATS server is slower than the calls come; try again later")
            }
            state.unwritten += 1
            state.unwrittenBytes += call.bytes
            return (nil, state.index[call.id] != nil)
        }
        if isTaken { stored.id = UUID().uuidString.lowercased() }
        return earlier
    }

    private func appended(_ call: StoredCall, _ backlog: Backlog) throws {
        try state.withLock { state in
            _ = try state.index.put(message: call)
            state.index.tally(backlog) { $0.submitted += 1 }
        }
    }

    /// The call whose message has a number, which another node may have written a moment ago.
    private func id(ofMessage sequence: UInt64, _ call: QueuedCall) async throws -> String? {
        if let key = call.idempotencyKey,
            let known = state.withLock({ $0.index.id(ofKey: key, function: call.function) })
        {
            return known
        }
        guard let message = try await streams.message(sequence, of: JetStreamNames.calls) else { return nil }
        return try StoredCall(message, sequence: sequence).id
    }

    // MARK: Used by all

    var notLoaded: QueueError {
        let reason = streams.client.isConnected ? "it is still being read" : "there is no connection to the NATS server"
        return QueueError(.storeFailed, "the queue cannot be used now: \(reason); try again later")
    }

    /// Turns the errors of a body into those of a queue.
    func doing<Value>(_ action: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as NATSError where error.code == .tooLarge {
            throw QueueError(.tooLarge, "\(error.message); raise that, or lower async-max-body-bytes")
        } catch let error as QueueError {
            throw error
        } catch {
            throw QueueError(.storeFailed, "the queue could not \(action): \(error)")
        }
    }

    /// Writes a record in place of the one that is known.
    ///
    /// - Returns: its number, or `nil` when another node was faster.
    func write(_ call: StoredCall, over record: UInt64) async throws -> UInt64? {
        var call = call
        call.node = node
        do {
            let kept = try await streams.publish(
                JetStreamNames.record(call.id), payload: Array(try call.json.utf8), lastSequence: record)
            let written = call
            try state.withLock { _ = try $0.index.put(written, record: kept.sequence) }
            return kept.sequence
        } catch let error as NATSError where error.isWrongSequence {
            return nil
        }
    }

    /// Says that we are done with a message, and removes it from its stream. When that is lost, the message comes to
    /// somebody again, who finds its record.
    func drop(_ delivery: Delivery, of stream: String) async {
        await acknowledge(delivery)
        await remove(delivery.sequence, of: stream)
    }

    /// Says that we are done with a message, which stays in its stream.
    func acknowledge(_ delivery: Delivery) async {
        do {
            try await streams.acknowledge(delivery)
        } catch {
            logger.debug("a message is not acknowledged yet", metadata: ["error": "\(error)"])
        }
    }

    /// Removes a message of which nothing is needed any more. One that stays is removed when it comes to somebody, or at
    /// the next start.
    func remove(_ sequence: UInt64, of stream: String) async {
        do {
            try await streams.delete(sequence, of: stream)
        } catch {
            logger.debug("a message is not removed yet", metadata: ["stream": "\(stream)", "error": "\(error)"])
        }
    }

    /// Gives a message back. When that is lost, it comes to somebody again after the time of a takeover.
    func giveBack(_ delivery: Delivery, after milliseconds: Int64) async {
        let delay = min(Duration.milliseconds(max(0, milliseconds)), settings.longestDelay)
        do {
            try await streams.giveBack(delivery, after: delay)
        } catch {
            logger.debug("a message is not given back yet", metadata: ["error": "\(error)"])
        }
    }
}

extension StoredCall {
    /// Reads the head of a call's message.
    init(_ message: NATSMessage, sequence: UInt64) throws {
        guard let head = message.headers[JetStreamNames.head] else {
            throw QueueError(.storeFailed, "the stream of calls has a message that is no call")
        }
        try self.init(json: Array(head.utf8), sequence: sequence)
    }
}
