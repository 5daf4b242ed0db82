import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opens listening sockets and hands their connections to the workers.
///
/// One socket is accepted on one event loop, and its connections are dealt out to all loops in turn. A socket for each
/// loop (`SO_REUSEPORT`) was tried: the kernel deals by a hash of the addresses, so with few connections one loop may
/// get nearly all of them (0.7 of the throughput with 4 connections on 2 loops), and new connections came no faster.
struct Listener {
    let group: MultiThreadedEventLoopGroup
    let loops: [LoopHandle]

    /// - Parameter security: encrypts the connections; `nil` for plain ones.
    func open(_ address: ListenAddress, security: (any ConnectionSecurity)? = nil) async throws -> any Channel {
        do {
            switch address.source {
            case .inherited(let descriptor):
                return try await bootstrap(freebind: false, security).withBoundSocket(descriptor).get()
            case .address(let host, let port, let freebind):
                let address = try SocketAddress(ipAddress: host, port: port)
                return try await bootstrap(freebind: freebind, security).bind(to: address).get()
            }
        } catch {
            throw Self.explained(error, address)
        }
    }

    /// Serves a connection that was accepted before, on the next event loop.
    func adopt(_ descriptor: CInt) async throws {
        let loops = loops
        _ = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.recvAllocator, value: LoopSettings.receive)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.writeBufferWaterMark, value: LoopSettings.waterMark)
            .channelInitializer { Self.furnish($0, loops, nil) }
            .withConnectedSocket(descriptor).get()
    }

    private static func furnish(
        _ channel: any Channel, _ loops: [LoopHandle], _ security: (any ConnectionSecurity)?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
                throw ProxyError(.wrongState, "the connection is on a foreign event loop")
            }
            if let security {
                try channel.pipeline.syncOperations.addHandlers(HardClose(), security.makeHandler())
            }
            try channel.pipeline.syncOperations.addHandler(
                ClientConnection(worker: loop.worker, isSecure: security != nil))
        }
    }

    private func bootstrap(freebind: Bool, _ security: (any ConnectionSecurity)?) -> ServerBootstrap {
        let loops = loops
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // A burst of new connections is taken at once, not four by four.
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.recvAllocator, value: LoopSettings.receive)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: LoopSettings.waterMark)
            .childChannelInitializer { Self.furnish($0, loops, security) }
        if freebind {
            bootstrap = bootstrap.serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ip, name: .init(rawValue: IP_FREEBIND)), value: 1)
        }
        return bootstrap
    }

    private static func explained(_ error: any Error, _ address: ListenAddress) -> ProxyError {
        let place: String
        switch address.source {
        case .address(let host, let port, _): place = "\(host):\(port)"
        case .inherited(let descriptor): place = "inherited socket \(descriptor)"
        }
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            return ProxyError(
                .addressInUse, "\(place) is in use: stop the other process or choose another port", cause: error)
        case EACCES, EPERM:
            return ProxyError(
                .permissionDenied, "not permitted to listen on \(place): ports below 1024 need root", cause: error)
        default:
            return ProxyError(.listenFailed, "failed to listen on \(place)", cause: error)
        }
    }
}
