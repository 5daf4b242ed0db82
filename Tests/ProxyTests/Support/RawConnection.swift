import Glibc
import NIOCore
import NIOPosix

/// A wait in a test that took too long.
struct TestTimeout: Error, CustomStringConvertible {
    let description: String
}

/// One end of a connection that a test plays by hand, byte by byte: a client of the proxy, or a replica behind it.
struct RawConnection: Sendable {
    let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    /// How long a test waits for a fact.
    static let patience = TimeAmount.seconds(60)

    static func connect(port: Int) async throws -> RawConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: SocketAddress(ipAddress: "127.0.0.1", port: port)) { channel in
                channel.eventLoop.makeCompletedFuture { try RawConnection(channel) }
            }
    }

    /// To be called on the channel's loop.
    init(_ channel: any Channel) throws {
        self.channel = channel
        let collector = Collector()
        try channel.pipeline.syncOperations.addHandler(collector)
        self.collector = NIOLoopBound(collector, eventLoop: channel.eventLoop)
    }

    // MARK: Sending

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    func close() async throws {
        try await channel.close()
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    /// Closes with RST.
    func abort() async throws {
        if let provider = channel as? any SocketOptionProvider {
            try await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }

    func setReading(_ reads: Bool) async throws {
        try await channel.setOption(.autoRead, value: reads).get()
    }

    // MARK: Receiving

    /// Waits until `find` says how many of the bytes received so far are wanted, and takes them out.
    func take(
        _ what: String, _ find: @escaping @Sendable (ByteBufferView, _ isClosed: Bool) -> Int?
    ) async throws -> ByteBuffer {
        let collector = collector
        return try await channel.eventLoop.flatSubmit {
            collector.value.take(what, on: collector, find)
        }.get()
    }

    func read(_ count: Int) async throws -> String {
        String(buffer: try await take("\(count) bytes") { bytes, _ in bytes.count >= count ? count : nil })
    }

    /// Receives so many bytes without keeping them.
    func drop(_ count: Int) async throws {
        let collector = collector
        try await channel.eventLoop.flatSubmit { collector.value.drop(count, on: collector) }.get()
    }

    /// Everything up to the end of the connection.
    func readToEnd() async throws -> String {
        String(buffer: try await take("the end") { bytes, isClosed in isClosed ? bytes.count : nil })
    }

    /// Whether the other side sends nothing more, and has sent nothing that was not taken.
    func isAtEnd() async throws -> Bool {
        try await readToEnd().isEmpty
    }

    /// Waits for the end of the connection, and tells whether it ended with RST.
    func waitForReset() async throws -> Bool {
        _ = try await readToEnd()
        let collector = collector
        return try await channel.eventLoop.submit { collector.value.error != nil }.get()
    }

    /// A head with its empty line.
    func readHead() async throws -> String {
        String(
            buffer: try await take("a head") { bytes, _ in
                Self.index(of: "\r\n\r\n", in: bytes).map { $0 + 4 }
            })
    }

    /// A head, or whatever came before the end.
    func readToEndOrHead() async throws -> String {
        String(
            buffer: try await take("a head or the end") { bytes, isClosed in
                Self.index(of: "\r\n\r\n", in: bytes).map { $0 + 4 } ?? (isClosed ? bytes.count : nil)
            })
    }

    /// A head, and the body that it announces, without the framing of chunks.
    func readMessage(hasBody: Bool = true) async throws -> Message {
        let head = try await readHead()
        guard hasBody else { return Message(head: head, body: "") }
        if let length = Message(head: head, body: "").field("content-length").flatMap({ Int($0) }) {
            return Message(head: head, body: try await read(length))
        }
        guard Message(head: head, body: "").field("transfer-encoding") == "chunked" else {
            return Message(head: head, body: head.hasPrefix("HTTP/") ? try await readToEnd() : "")
        }
        var body = ""
        while true {
            let line = String(
                buffer: try await take("a chunk") { bytes, _ in Self.index(of: "\r\n", in: bytes).map { $0 + 2 } })
            let digits = line.prefix { $0.isHexDigit }
            guard let size = Int(digits, radix: 16) else { throw TestTimeout(description: "no chunk size: \(line)") }
            let chunk = try await read(size + 2)
            if size == 0 { return Message(head: head, body: body) }
            body += chunk.dropLast(1)
        }
    }

    private static func index(of text: String, in bytes: ByteBufferView) -> Int? {
        let pattern = Array(text.utf8)
        guard bytes.count >= pattern.count else { return nil }
        for start in 0...(bytes.count - pattern.count) {
            let lower = bytes.startIndex + start
            if bytes[lower..<lower + pattern.count].elementsEqual(pattern) { return start }
        }
        return nil
    }
}

/// A message as a test sees it.
struct Message {
    let head: String
    let body: String

    var startLine: String { String(head.prefix { $0 != "\r\n" }) }
    var status: Int? { Int(head.split(separator: " ").dropFirst().first?.prefix(3) ?? "") }

    /// All values of a field in order.
    func fields(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
    }

    func field(_ name: String) -> String? { fields(name).first }
}

/// Keeps what a channel receives until a test asks for it.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Waiter {
        let find: @Sendable (ByteBufferView, Bool) -> Int?
        let promise: EventLoopPromise<ByteBuffer>
    }

    private var received = ByteBuffer()
    private var dropping: (rest: Int, promise: EventLoopPromise<Void>)?
    private var isClosed = false
    private var waiter: Waiter?
    private(set) var error: (any Error)?
    private var context: ChannelHandlerContext?

    func take(
        _ what: String, on bound: NIOLoopBound<Collector>, _ find: @escaping @Sendable (ByteBufferView, Bool) -> Int?
    ) -> EventLoopFuture<ByteBuffer> {
        let promise = bound.eventLoop.makePromise(of: ByteBuffer.self)
        waiter = Waiter(find: find, promise: promise)
        let timer = bound.eventLoop.scheduleTask(in: RawConnection.patience) {
            let seen = bound.value.received
            promise.fail(
                TestTimeout(description: "waited too long for \(what); there is: \(String(buffer: seen).prefix(500))"))
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        look()
        return promise.futureResult
    }

    func drop(_ count: Int, on bound: NIOLoopBound<Collector>) -> EventLoopFuture<Void> {
        let promise = bound.eventLoop.makePromise(of: Void.self)
        dropping = (count, promise)
        look()
        return promise.futureResult
    }

    private func look() {
        if let (rest, promise) = dropping {
            let count = min(rest, received.readableBytes)
            received.moveReaderIndex(forwardBy: count)
            if received.readableBytes == 0 { received = ByteBuffer() }
            dropping = (rest - count, promise)
            if rest == count {
                dropping = nil
                promise.succeed()
            } else if isClosed {
                dropping = nil
                promise.fail(TestTimeout(description: "closed too early; \(rest - count) bytes are missing"))
            }
        }
        guard let waiter else { return }
        if let count = waiter.find(received.readableBytesView, isClosed) {
            self.waiter = nil
            waiter.promise.succeed(received.readSlice(length: count) ?? ByteBuffer())
            if received.readableBytes == 0 { received = ByteBuffer() }
        } else if isClosed {
            self.waiter = nil
            waiter.promise.fail(
                TestTimeout(description: "closed too early; there is: \(String(buffer: received).prefix(500))"))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        look()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            isClosed = true
            look()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        look()
    }
}
