import NATS

/// Reads a stream from a message on, with a consumer of its own.
struct StreamReader: Sendable {
    private static let batch = 512
    private static let wait = Duration.seconds(20)

    private let stream: String
    private let headersOnly: Bool
    private var next: UInt64
    private var consumer = ""
    /// How many messages there were at the beginning that are not read yet.
    private var waiting = 0

    init(_ stream: String, after last: UInt64, headersOnly: Bool) {
        self.stream = stream
        self.headersOnly = headersOnly
        next = last + 1
    }

    mutating func begin(_ streams: JetStream) async throws {
        let made = try await streams.makeConsumer(.reader(from: next, headersOnly: headersOnly), of: stream)
        consumer = made.name
        waiting = made.pending
    }

    /// Messages that were there at the beginning; `nil` when all of them are read.
    mutating func readWaiting(_ streams: JetStream) async throws -> [Delivery]? {
        guard waiting > 0 else { return nil }
        let messages = try await streams.fetch(from: consumer, of: stream, limit: min(waiting, Self.batch))
        waiting = messages.isEmpty ? 0 : waiting - messages.count
        return messages
    }

    /// Reads what comes, until the task is cancelled.
    ///
    /// - Throws: ``NATSError`` when the connection breaks; reading goes on with another reader then.
    func follow(_ streams: JetStream, _ body: (Delivery) -> Void) async throws {
        while !Task.isCancelled {
            try await streams.follow(consumer, of: stream, limit: Self.batch, wait: Self.wait, body)
        }
    }
}
