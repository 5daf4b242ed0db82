import AsyncHTTPClient
import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI
import Proxy

@testable import Gateway

/// Answers as providers do that cannot run here: faas-netes needs a cluster, faasd's needs its own containerd setup.
/// What they answer is in the reference of OpenFaaS's API.
actor StubProvider {
    /// A request that it got.
    struct Request: Equatable, Sendable {
        let method: String
        let target: String
        let body: String
        let authorization: String?
    }

    /// An answer: status and body.
    typealias Answer = (status: Int, body: String)

    /// All requests, in the order of their coming.
    private(set) var requests: [Request] = []
    private let answer: @Sendable (Request, [Request]) -> Answer

    init(_ answer: @escaping @Sendable (Request, [Request]) -> Answer) {
        self.answer = answer
    }

    func respond(to request: Request) -> Answer {
        requests.append(request)
        return answer(request, requests)
    }

    /// The requests of a method to a path.
    func requests(_ method: String, _ path: String) -> [Request] {
        requests.filter { $0.method == method && $0.target.prefix { $0 != "?" } == path }
    }
}

/// The stub behind a port.
private struct StubPort: Fallback {
    let stub: StubProvider

    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        var body = ByteBuffer()
        // What does not come whole is answered as if it had ended; a test sees it in the record.
        try? await {
            for try await piece in request.body { body.writeImmutableBuffer(piece) }
        }()
        let answer = await stub.respond(
            to: .init(
                method: request.method, target: request.target, body: String(buffer: body),
                authorization: request.headers.first { $0.name.lowercased() == "authorization" }?.value))
        // A client that has gone is no failure of the stub.
        try? await writer.respond(status: answer.status, body: ByteBuffer(string: answer.body))
    }
}

/// Nobody is woken.
struct NoWaker: Waker {
    func wake(_ name: FunctionName) -> [ReplicaEndpoint] { [] }
}

/// A port of a test's own, with whatever answers there.
struct Port {
    let server: ProxyServer
    let number: Int

    static func with<Result>(
        _ fallback: any Fallback, group: MultiThreadedEventLoopGroup, _ body: (Port) async throws -> Result
    ) async throws -> Result {
        let server = ProxyServer(
            configuration: ProxyConfiguration(
                listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "stub"),
            fallback: fallback, waker: NoWaker(), group: group, logger: Logger(label: "stub"))
        let number = try await server.start()[0].port
        do {
            let result = try await body(Port(server: server, number: number))
            await server.shutdown(grace: .zero)
            return result
        } catch {
            await server.shutdown(grace: .zero)
            throw error
        }
    }
}

/// A remote provider whose other end is a stub.
struct RemoteFixture {
    let stub: StubProvider
    let port: Port
    let remote: RemoteProvider
    let publisher: RoutePublisher
    let group: MultiThreadedEventLoopGroup

    static func with(
        _ answer: @escaping @Sendable (StubProvider.Request, [StubProvider.Request]) -> StubProvider.Answer,
        _ body: (RemoteFixture) async throws -> Void
    ) async throws {
        let stub = StubProvider(answer)
        try await with(StubPort(stub: stub), stub: stub, body)
    }

    /// With another port than the stub's.
    static func with(
        _ fallback: any Fallback, stub: StubProvider = StubProvider { _, _ in (500, "") },
        _ body: (RemoteFixture) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await Port.with(fallback, group: group) { port in
                let publisher = RoutePublisher()
                let remote = RemoteProvider(
                    address: try ProviderAddress(url: "http://127.0.0.1:\(port.number)"),
                    credentials: Credentials(user: "admin", password: "pass:word"), publisher: publisher,
                    group: group, logger: Logger(label: "remote"))
                do {
                    try await body(
                        RemoteFixture(stub: stub, port: port, remote: remote, publisher: publisher, group: group))
                } catch {
                    await remote.shutdown()
                    throw error
                }
                await remote.shutdown()
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }
}
