public import NIOCore

/// The body of a request for the control plane, piece by piece. Bytes are read from the client only as fast as
/// they are taken here.
public struct FallbackBody: AsyncSequence, Sendable {
    /// A piece of the body.
    public typealias Element = ByteBuffer
    /// ``ProxyError`` when the body ended before its end.
    public typealias Failure = any Error

    typealias Strategy = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark
    typealias Producer = NIOThrowingAsyncSequenceProducer<ByteBuffer, any Error, Strategy, Delegate>
    typealias Source = Producer.Source

    /// Reads the pieces in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pieces: Producer.AsyncIterator

        /// The next piece; `nil` at the end.
        ///
        /// - Throws: ``ProxyError`` when the client went away or sent a malformed body;
        ///   `CancellationError` when the reading task was cancelled.
        public mutating func next() async throws -> ByteBuffer? {
            try await pieces.next()
        }
    }

    /// Brings the reader's wishes to the event loop.
    struct Delegate: NIOAsyncSequenceProducerDelegate {
        let exchange: NIOLoopBound<FallbackExchange>
        let loop: any EventLoop

        func produceMore() {
            loop.execute { exchange.value.readerIsReady() }
        }

        func didTerminate() {
            loop.execute { exchange.value.readerEnded() }
        }
    }

    /// The length in bytes where the client announced it; 0 where there is no body; `nil` for a chunked one.
    public let contentLength: Int?
    private let pieces: Producer
    private let delegate: Delegate

    /// Starts reading; a client that waits for `100 Continue` gets it now. May be called once only.
    public func makeAsyncIterator() -> AsyncIterator {
        let delegate = delegate
        if contentLength != 0 { delegate.loop.execute { delegate.exchange.value.readerBegan() } }
        return AsyncIterator(pieces: pieces.makeAsyncIterator())
    }

    /// A body, and where its pieces are put in. At most four pieces of what one read gives are kept for a reader that is slow.
    static func make(
        exchange: NIOLoopBound<FallbackExchange>, loop: any EventLoop, contentLength: Int?
    ) -> (FallbackBody, Source) {
        let delegate = Delegate(exchange: exchange, loop: loop)
        let made = Producer.makeSequence(
            backPressureStrategy: Strategy(lowWatermark: 1, highWatermark: 4),
            finishOnDeinit: false,
            delegate: delegate)
        return (FallbackBody(contentLength: contentLength, pieces: made.sequence, delegate: delegate), made.source)
    }
}
