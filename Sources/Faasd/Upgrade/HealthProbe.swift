import NIOCore
import NIOPosix

/// Asks the daemon of this machine whether it serves.
struct HealthProbe: Sendable {
    let host: String
    let port: Int

    /// - Parameter listen: the daemon's addresses; the first is asked, on this machine where it is any.
    init(_ listen: [Configuration.Endpoint]) {
        let anywhere = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        host = listen.first.map { anywhere[$0.host] ?? $0.host } ?? "127.0.0.1"
        port = listen.first?.port ?? 0
    }

    /// Whether `/healthz` is answered with 200 within two seconds.
    func answers() async -> Bool {
        let request = "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: Bool.self)
        let timer = loop.scheduleTask(in: .seconds(2)) { answer.succeed(false) }
        let connection = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(answer: answer))
                }
            }
            .connect(host: host, port: port)
        connection.whenSuccess { $0.writeAndFlush(ByteBuffer(string: request), promise: nil) }
        connection.whenFailure { _ in answer.succeed(false) }
        let isGood = (try? await answer.futureResult.get()) ?? false
        timer.cancel()
        connection.whenSuccess { $0.close(promise: nil) }
        return isGood
    }

    /// Looks at the first line of the answer.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: EventLoopPromise<Bool>
        private var text = ""

        init(answer: EventLoopPromise<Bool>) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            if text.contains("\r\n") { answer.succeed(text.hasPrefix("HTTP/1.1 200 ")) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            answer.succeed(false)
        }
    }
}
