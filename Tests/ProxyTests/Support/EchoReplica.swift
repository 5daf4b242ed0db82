import NIOCore
import NIOPosix
import OpenFaaSAPI

@testable import Proxy

/// A replica that answers by itself, for tests with many calls: the body of its answer is
/// `METHOD TARGET ` and the body of the request, streamed as it comes and framed as the request is.
struct EchoReplica: Sendable {
    let endpoint: ReplicaEndpoint
    private let listener: any Channel
    private let connections: NIOLockedState<[any Channel]>

    /// - Parameter port: the port; 0 lets the kernel choose.
    static func with<Result>(
        id: String = "echo", port: Int = 0, _ body: (EchoReplica) async throws -> Result
    ) async throws -> Result {
        let connections = NIOLockedState([any Channel]())
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.with { $0.append(channel) }
                    try channel.pipeline.syncOperations.addHandler(EchoHandler())
                }
            }
            .bind(to: SocketAddress(ipAddress: "127.0.0.1", port: port)).get()
        let port = listener.localAddress?.port ?? 0
        let replica = EchoReplica(
            endpoint: ReplicaEndpoint(id: id, address: .tcp(host: "127.0.0.1", port: port)), listener: listener,
            connections: connections)
        do {
            let result = try await body(replica)
            try? await listener.close()
            return result
        } catch {
            try? await listener.close()
            throw error
        }
    }

    /// Ends as a process does that is killed: nothing listens, and every connection is closed.
    func die() async {
        try? await listener.close()
        for connection in connections.with({ $0 }) { try? await connection.close() }
    }

    var port: Int {
        if case .tcp(_, let port) = endpoint.address { port } else { 0 }
    }

    func table(name: String) throws -> RouteTable {
        RouteTable([Route(name: try FunctionName(name), state: .ready([endpoint]))])
    }
}

private final class EchoHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var unread = ByteBuffer()
    private var parser = RequestHeadParser(limits: HeadLimits(bytes: 65536, fields: 100, targetBytes: 8192))
    private var body: BodyFraming?
    private var isChunked = false
    private var readIsHeld = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unread.writeImmutableBuffer(unwrapInboundIn(data))
        while step(context) {}
        unread.discardReadBytes()
    }

    private func step(_ context: ChannelHandlerContext) -> Bool {
        guard var body else { return takeHead(context) }
        guard let (skip, content) = try? unread.withUnsafeReadableBytes({ try body.takeContent($0) }) else {
            context.close(promise: nil)
            return false
        }
        unread.moveReaderIndex(forwardBy: skip)
        if content > 0 { writePiece(context, unread.readSlice(length: content) ?? ByteBuffer()) }
        if body.isEnded {
            self.body = nil
            if isChunked { context.write(wrapOutboundOut(ByteBuffer(string: "0\r\n\r\n")), promise: nil) }
            context.flush()
            parser.reset()
            return true
        }
        self.body = body
        return skip + content > 0
    }

    private func takeHead(_ context: ChannelHandlerContext) -> Bool {
        guard unread.readableBytes > 0,
            case .complete? = try? unread.withUnsafeReadableBytes({ try parser.parse($0) })
        else { return false }
        let head = parser.head
        let line = unread.withUnsafeReadableBytes { String(decoding: $0[0..<head.target.upperBound], as: UTF8.self) }
        unread.moveReaderIndex(forwardBy: head.length)
        isChunked = head.connection.isChunked
        let length = line.utf8.count + 1 + (head.connection.contentLength ?? 0)
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(length)"
        context.write(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")), promise: nil)
        writePiece(context, ByteBuffer(string: line + " "))
        body = head.body
        return true
    }

    private func writePiece(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        guard isChunked else {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            return
        }
        let size = ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")
        context.write(wrapOutboundOut(size), promise: nil)
        context.write(wrapOutboundOut(bytes), promise: nil)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "\r\n")), promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable { context.read() } else { readIsHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, readIsHeld else { return }
        readIsHeld = false
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
