import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Services

/// Ports that lead to services.
struct PortForwarderTests {
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let done: EventLoopPromise<Int>
        private var count = 0
        init(_ done: EventLoopPromise<Int>) { self.done = done }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { count += unwrapInboundIn(data).readableBytes }
        func channelInactive(context: ChannelHandlerContext) { done.succeed(count) }
    }

    private let group = MultiThreadedEventLoopGroup.singleton

    /// Sends so many bytes and the end behind them; gives how many came back.
    private func exchange(_ port: Int, bytes: Int) async throws -> Int {
        let done = group.any().makePromise(of: Int.self)
        let client: any Channel
        do {
            client = try await ClientBootstrap(group: group).channelOption(.allowRemoteHalfClosure, value: false)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Collector(done))
                    }
                }.connect(host: "127.0.0.1", port: port).get()
        } catch {
            done.succeed(-1)
            throw error
        }
        try await client.writeAndFlush(ByteBuffer(repeating: 7, count: bytes))
        try await client.close(mode: .output)
        return try await done.futureResult.get()
    }

    @Test func bytesGoBothWaysAndTheEndIsPassedOn() async throws {
        let server = try await ServerBootstrap(group: group).childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }.bind(host: "127.0.0.1", port: 0).get()
        // A port that was free a moment ago.
        let spare = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let published = try #require(spare.localAddress?.port)
        try await spare.close()
        let forwarder = PortForwarder(group: group, logger: Logger(label: "test"))
        let target = try #require(server.localAddress?.port)
        let forward = PortForwarder.Forward(
            port: .init(address: "127.0.0.1", published: published, target: target), target: "127.0.0.1")
        #expect(await forwarder.set([forward]).isEmpty)
        // More than the buffers between hold.
        #expect(try await exchange(published, bytes: 3_000_000) == 3_000_000)
        // Another cannot have the port.
        let second = PortForwarder(group: group, logger: Logger(label: "test"))
        #expect(await second.set([forward]).count == 1)
        #expect(await forwarder.set([]).isEmpty)
        await #expect(throws: (any Error).self) { try await exchange(published, bytes: 1) }
        await second.close()
        try await server.close()
    }
}
