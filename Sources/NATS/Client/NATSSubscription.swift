/// What waits for a slow reader, and what happens when it is too much.
public struct NATSBufferLimits: Sendable {
    /// What happens to a message for which there is no room.
    public enum Overflow: Sendable {
        /// The oldest that waits makes room for it.
        case dropOldest
        /// It is thrown away.
        case dropNewest
        /// The subscription ends with an error, ``NATSError/Code/overloaded``, after what waits was read.
        case fail
    }

    /// The most messages that wait.
    public var messages: Int
    /// The most bytes of their payloads.
    public var bytes: Int
    /// What happens beyond.
    public var overflow: Overflow

    /// Makes limits.
    public init(messages: Int = 1024, bytes: Int = 16 << 20, overflow: Overflow = .dropOldest) {
        self.messages = messages
        self.bytes = bytes
        self.overflow = overflow
    }
}

/// The messages of a subject, for one reader. It lasts over broken connections, and what is sent meanwhile is missed: so
/// it is with NATS where no stream keeps messages. It ends with ``unsubscribe()``, or when nobody holds it any more.
public final class NATSSubscription: AsyncSequence, Sendable {
    /// What is read.
    public typealias Element = NATSMessage

    /// Reads a subscription.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: NATSSubscription

        /// The next message; `nil` after the end, and when the task is cancelled.
        ///
        /// - Throws: ``NATSError`` when the reader was too slow, or the client is shut down.
        public func next() async throws -> NATSMessage? { try await subscription.mailbox.next() }
    }

    let mailbox: Mailbox
    private let number: Int
    private let client: NATSClient

    init(client: NATSClient, number: Int, mailbox: Mailbox) {
        self.client = client
        self.number = number
        self.mailbox = mailbox
    }

    deinit { client.unsubscribe(number) }

    /// How many messages were thrown away because the reader was too slow.
    public var dropped: UInt64 { mailbox.dropped }

    /// Reads it.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }

    /// Wants no more messages; those that are there can still be read.
    public func unsubscribe() {
        client.unsubscribe(number)
        mailbox.finish()
    }
}
