public import NIOCore

/// Takes the answer to one request of the control plane.
///
/// Every method waits while the client is slower than the writer, and throws ``ProxyError`` when the client is gone
/// (``ProxyError/Code/connectionClosed``) or the contract is broken (``ProxyError/Code/writerMisused``).
public struct FallbackWriter: Sendable {
    private let exchange: NIOLoopBound<FallbackExchange>
    private let loop: any EventLoop

    init(exchange: NIOLoopBound<FallbackExchange>, loop: any EventLoop) {
        self.exchange = exchange
        self.loop = loop
    }

    /// Writes and sends the head.
    ///
    /// The proxy adds `Date` where it is missing, frames the body (chunked unless `Content-Length` is among the
    /// fields), and owns `Connection`, `Keep-Alive` and `Transfer-Encoding`: those given here are left out. What is
    /// written behind the head in an answer to HEAD, or with status 204 or 304, is dropped.
    ///
    /// - Parameters:
    ///   - status: 200 to 599.
    ///   - headers: the fields in order; names must be tokens, values free of control characters.
    public func writeHead(status: Int, headers: [(name: String, value: String)] = []) async throws {
        let head = FallbackHead(status: status, headers: headers)
        try await onLoop { $0.writeHead(head) }
    }

    /// Writes a piece of the body and sends it at once.
    public func write(_ bytes: ByteBuffer) async throws {
        try await onLoop { $0.write(bytes) }
    }

    /// Ends the answer.
    public func finish() async throws {
        try await onLoop { $0.finishAnswer() }
    }

    /// Writes a whole answer: head with `Content-Length` (not to be among `headers`), body, end.
    public func respond(
        status: Int, headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer()
    ) async throws {
        let length = [(name: "Content-Length", value: "\(body.readableBytes)")]
        let head = FallbackHead(status: status, headers: headers + length)
        try await onLoop { exchange in
            let written = exchange.writeHead(head)
            return written.assumeIsolated().flatMap { exchange.write(body) }.flatMap { exchange.finishAnswer() }
                .nonisolated()
        }
    }

    private func onLoop(
        _ body: @escaping @Sendable (FallbackExchange) -> EventLoopFuture<Void>
    ) async throws {
        let exchange = exchange
        try await loop.flatSubmit { body(exchange.value) }.get()
    }
}
