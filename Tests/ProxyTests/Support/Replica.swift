import NIOCore
import NIOPosix

@testable import Proxy

/// A replica that a test plays by hand: gives out its connections in the order of their coming.
struct Replica: Sendable {
    let endpoint: ReplicaEndpoint
    private let listener: any Channel
    private let accepted: AcceptedConnections

    /// Runs `body` with a replica that listens.
    static func with<Result>(
        id: String = "a", path: String? = nil, _ body: (Replica) async throws -> Result
    ) async throws -> Result {
        let accepted = AcceptedConnections()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try RawConnection(channel)
                    accepted.add(connection)
                }
            }
        let listener: any Channel
        let address: ReplicaAddress
        if let path {
            listener = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            address = .unix(path: path)
        } else {
            listener = try await bootstrap.bind(to: SocketAddress(ipAddress: "127.0.0.1", port: 0)).get()
            address = .tcp(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
        }
        let replica = Replica(
            endpoint: ReplicaEndpoint(id: id, address: address), listener: listener, accepted: accepted)
        do {
            let result = try await body(replica)
            await replica.stop()
            return result
        } catch {
            await replica.stop()
            throw error
        }
    }

    /// The next connection that the proxy opens.
    func accept() async throws -> RawConnection {
        try await accepted.next()
    }

    /// The value of `Host` for it.
    var hostField: String {
        switch endpoint.address {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix: "localhost"
        }
    }

    /// How many connections were opened so far.
    var acceptedCount: Int { accepted.count }

    /// Stops listening and closes all connections.
    func stop() async {
        try? await listener.close()
        for connection in accepted.all { try? await connection.channel.close() }
    }
}

/// Connections in the order of their coming.
private final class AcceptedConnections: Sendable {
    private struct State {
        var all: [RawConnection] = []
        var taken = 0
        var waiting: [EventLoopPromise<RawConnection>] = []
    }

    private let state = NIOLockedState(State())

    func add(_ connection: RawConnection) {
        let promise: EventLoopPromise<RawConnection>? = state.with { state in
            state.all.append(connection)
            guard !state.waiting.isEmpty else { return nil }
            state.taken += 1
            return state.waiting.removeFirst()
        }
        promise?.succeed(connection)
    }

    func next() async throws -> RawConnection {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: RawConnection.self)
        let timer = loop.scheduleTask(in: RawConnection.patience) {
            promise.fail(TestTimeout(description: "waited too long for a connection of the proxy"))
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        let ready: RawConnection? = state.with { state in
            guard state.taken < state.all.count else {
                state.waiting.append(promise)
                return nil
            }
            state.taken += 1
            return state.all[state.taken - 1]
        }
        if let ready { promise.succeed(ready) }
        return try await promise.futureResult.get()
    }

    var all: [RawConnection] { state.with { $0.all } }
    var count: Int { state.with { $0.all.count } }
}
