import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Leads ports of the host to services, byte by byte.
actor PortForwarder {
    /// A port, and the address of the service that it leads to.
    struct Forward: Sendable, Equatable {
        let port: ServiceSpec.Port
        let target: String

        var place: String { "\(port.address):\(port.published)" }
    }

    /// Where a port leads now; looked up for each connection, as a service that starts again has another address.
    private final class Target: Sendable {
        private let place: Mutex<(address: String, port: Int)?>

        init(_ address: String, _ port: Int) {
            place = Mutex((address, port))
        }

        var now: (address: String, port: Int)? {
            get { place.withLock { $0 } }
            set { place.withLock { $0 = newValue } }
        }
    }

    private static let retryAfter = Duration.seconds(10)

    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private var open: [String: (channel: any Channel, target: Target)] = [:]
    private var refused: [String: (reason: String, retryAt: ContinuousClock.Instant)] = [:]

    init(group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.group = group
        self.logger = logger
    }

    /// Opens and closes ports so that these are led on, and no others.
    ///
    /// - Returns: why some could not be opened, by `ADDRESS:PORT`.
    func set(_ forwards: [Forward]) async -> [String: String] {
        let wanted = Dictionary(forwards.map { ($0.place, $0) }) { first, _ in first }
        for (place, listener) in open where wanted[place] == nil {
            open[place] = nil
            try? await listener.channel.close()
        }
        refused = refused.filter { wanted[$0.key] != nil }
        for (place, forward) in wanted {
            if let listener = open[place] {
                listener.target.now = (forward.target, forward.port.target)
            } else if refused[place].map({ $0.retryAt <= .now }) ?? true {
                await listen(forward)
            }
        }
        return refused.mapValues(\.reason)
    }

    /// Closes all ports.
    func close() async {
        for (_, listener) in open { try? await listener.channel.close() }
        open = [:]
    }

    private func listen(_ forward: Forward) async {
        let target = Target(forward.target, forward.port.target)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { client in Self.connect(client, to: target) }
        do {
            let address = try SocketAddress(ipAddress: forward.port.address, port: forward.port.published)
            open[forward.place] = (try await bootstrap.bind(to: address).get(), target)
            refused[forward.place] = nil
        } catch {
            let reason = "the port \(forward.place) cannot be had: \(error)"
            if refused[forward.place] == nil {
                logger.warning("a service's port cannot be had", metadata: ["error": "\(reason)"])
            }
            refused[forward.place] = (reason, .now + Self.retryAfter)
        }
    }

    private static func connect(_ client: any Channel, to target: Target) -> EventLoopFuture<Void> {
        guard let place = target.now else { return client.close() }
        let address: SocketAddress
        do {
            address = try SocketAddress(ipAddress: place.address, port: place.port)
        } catch {
            return client.close()
        }
        // On the same event loop, so that the two ends can speak with each other as they like.
        return ClientBootstrap(group: client.eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: address)
            .flatMapThrowing { server in
                let (one, other) = Glue.pair()
                try client.pipeline.syncOperations.addHandler(one)
                try server.pipeline.syncOperations.addHandler(other)
            }
    }
}

/// One end of two connections that belong together: what comes on one goes out on the other, as fast as that one takes it.
private final class Glue: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var partner: Glue?
    private var context: ChannelHandlerContext?
    private var wantsRead = false

    static func pair() -> (Glue, Glue) {
        let (one, other) = (Glue(), Glue())
        one.partner = other
        other.partner = one
        return (one, other)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { context.read() }
    }

    /// The client's end is not registered before its service is reached; what is read earlier is lost.
    func channelActive(context: ChannelHandlerContext) { context.read() }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partner?.context?.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        partner?.context?.flush()
        read()
    }

    /// Reads on once the other end takes more.
    private func read() {
        guard let other = partner?.context else { return }
        if other.channel.isWritable {
            wantsRead = false
            context?.read()
        } else {
            wantsRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, partner?.wantsRead == true { partner?.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { partner?.context?.close(mode: .output, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        partner?.context?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
