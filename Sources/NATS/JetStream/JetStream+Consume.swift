/// A message that a consumer gave us.
public struct Delivery: Sendable {
    /// The message.
    public let message: NATSMessage
    /// Its number in the stream.
    public let sequence: UInt64
    /// How often it was given to somebody, this time included.
    public let deliveries: Int
    /// How many more the consumer has.
    public let pending: Int
    /// Where it is acknowledged.
    public let reply: String

    /// Reads `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERIES.SEQUENCE.NUMBER.TIME.PENDING[.RANDOM]` (ADR-15).
    init?(_ message: NATSMessage) {
        guard let reply = message.reply else { return nil }
        let tokens = reply.split(separator: ".", omittingEmptySubsequences: false)
        guard tokens.count == 9 || tokens.count >= 11, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
        let base = tokens.count == 9 ? 4 : 6
        guard let deliveries = Int(tokens[base]), let sequence = UInt64(tokens[base + 1]),
            let pending = Int(tokens[base + 4])
        else { return nil }
        self.message = message
        self.sequence = sequence
        self.deliveries = deliveries
        self.pending = pending
        self.reply = reply
    }
}

extension JetStream {
    /// Asks a consumer for what it has now.
    ///
    /// - Parameter limit: the most that are given.
    /// - Returns: the messages, none when there are none.
    /// - Throws: ``NATSError``, with code `timedOut` also when there is no such consumer.
    public func fetch(from consumer: String, of stream: String, limit: Int) async throws -> [Delivery] {
        var deliveries: [Delivery] = []
        try await pull(consumer, of: stream, FetchRequest(batch: limit, noWait: true), timeout: timeout) {
            deliveries.append($0)
        }
        return deliveries
    }

    /// Asks a consumer for what it has and what comes.
    ///
    /// - Parameters:
    ///   - limit: the most that are given before this returns.
    ///   - wait: how long it lasts if there are fewer; less when the task is cancelled.
    ///   - body: is given each message when it comes.
    /// - Throws: ``NATSError``.
    public func follow(
        _ consumer: String, of stream: String, limit: Int, wait: Duration, _ body: (Delivery) -> Void
    ) async throws {
        try await pull(
            consumer, of: stream, FetchRequest(batch: limit, expires: wait.nanoseconds), timeout: timeout + wait, body)
    }

    private func pull(
        _ consumer: String, of stream: String, _ request: FetchRequest, timeout: Duration, _ body: (Delivery) -> Void
    ) async throws {
        try await client.requestMany(
            "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(consumer)", payload: try Self.json(request),
            limits: NATSBufferLimits(messages: request.batch + 16, bytes: .max, overflow: .fail), timeout: timeout
        ) { next in
            var count = 0
            while count < request.batch, let message = try await next() {
                switch message.status {
                case nil:
                    guard let delivery = Delivery(message) else {
                        throw NATSError.violation("a message of a stream that cannot be acknowledged")
                    }
                    count += 1
                    body(delivery)
                case 100: continue
                // There are no more, or not in time.
                case 404, 408: return
                // The rest of the request is void, such as when the consumer was removed.
                case let status? where count == 0:
                    throw NATSError(.jetStream(0), "the consumer \(consumer) of \(stream) answers with \(status)")
                default: return
                }
            }
        }
    }

    /// Is done with a message: it is not given to anybody again. When the acknowledgement is lost, it is.
    ///
    /// - Throws: ``NATSError``.
    public func acknowledge(_ delivery: Delivery) async throws { try await answer(delivery, "+ACK") }

    /// Wants a message to be given to somebody again, after a while.
    ///
    /// - Throws: ``NATSError``.
    public func giveBack(_ delivery: Delivery, after delay: Duration = .zero) async throws {
        let nanoseconds = delay.nanoseconds
        try await answer(delivery, nanoseconds > 0 ? "-NAK {\"delay\": \(nanoseconds)}" : "-NAK")
    }

    /// Is still at work on a message: the time within which it is to be acknowledged begins anew.
    ///
    /// - Throws: ``NATSError``.
    public func keep(_ delivery: Delivery) async throws { try await answer(delivery, "+WPI") }

    private func answer(_ delivery: Delivery, _ text: String) async throws {
        try await client.publish(delivery.reply, payload: Array(text.utf8))
    }
}

private struct FetchRequest: Encodable {
    var batch: Int
    var noWait: Bool?
    var expires: Int64?

    init(batch: Int, noWait: Bool? = nil, expires: Int64? = nil) {
        self.batch = batch
        self.noWait = noWait
        self.expires = expires
    }

    enum CodingKeys: String, CodingKey {
        case batch, expires
        case noWait = "no_wait"
    }
}
