import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI
import Testing

@testable import Proxy

/// A proxy on a free port for the time of a test.
struct ProxyFixture: Sendable {
    let server: ProxyServer
    let port: Int
    let waker: RecordingWaker

    static func with<Result>(
        loops: Int = 2, log: RecordingLog? = nil, accessLog: (any AccessLogSink)? = nil,
        fallback: any Fallback = ClosureFallback { _, writer in
            try await writer.respond(status: 200, body: ByteBuffer(string: "control"))
        },
        redirect: PlainRedirect? = nil, limits change: (inout ProxyLimits) -> Void = { _ in },
        _ body: (ProxyFixture) async throws -> Result
    ) async throws -> Result {
        var limits = ProxyLimits()
        change(&limits)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let waker = RecordingWaker()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        if let log { logger = Logger(label: "test") { _ in log } }
        var configuration = ProxyConfiguration(
            listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "faasd/test", limits: limits,
            accessLog: accessLog)
        configuration.redirect = redirect
        let server = ProxyServer(
            configuration: configuration, fallback: fallback, waker: waker, group: group, logger: logger)
        let bound = try await server.start()
        do {
            let result = try await body(ProxyFixture(server: server, port: bound[0].port, waker: waker))
            await server.shutdown(grace: .zero)
            try await group.shutdownGracefully()
            return result
        } catch {
            await server.shutdown(grace: .zero)
            try await group.shutdownGracefully()
            throw error
        }
    }

    func connect() async throws -> RawConnection {
        try await RawConnection.connect(port: port)
    }

    /// Makes `f` a function with these replicas.
    func publish(_ replicas: Replica..., timeout: Duration? = nil) async throws {
        await server.publish(
            RouteTable([
                Route(name: try FunctionName("f"), state: .ready(replicas.map(\.endpoint)), timeout: timeout)
            ]))
    }

    func publish(_ state: Route.State) async throws {
        await server.publish(RouteTable([Route(name: try FunctionName("f"), state: state)]))
    }

    func counters() async throws -> FunctionCounters {
        let name = try FunctionName("f")
        return try #require(await server.counters().first { $0.name == name })
    }
}

/// Remembers which functions it was to wake, and has replicas for some of them.
final class RecordingWaker: Waker {
    private let names = NIOLockedState([FunctionName]())
    private let replicas = NIOLockedState([FunctionName: [ReplicaEndpoint]]())

    func wake(_ name: FunctionName) -> [ReplicaEndpoint] {
        names.with { $0.append(name) }
        return replicas.with { $0[name] ?? [] }
    }

    /// From now on a call for `f` finds these.
    func keepReady(_ endpoints: [ReplicaEndpoint]) throws {
        let name = try FunctionName("f")
        replicas.with { $0[name] = endpoints }
    }

    var woken: [FunctionName] { names.with { $0 } }
}

/// A control plane in a closure.
struct ClosureFallback: Fallback {
    let body: @Sendable (FallbackRequest, FallbackWriter) async throws -> Void

    init(_ body: @escaping @Sendable (FallbackRequest, FallbackWriter) async throws -> Void) {
        self.body = body
    }

    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        // A closure that gave up early has left the answer as the test wants it.
        try? await body(request, writer)
    }
}
