import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import OpenFaaSAPI
import Proxy
import Testing

@testable import Gateway

/// Calls through our gateway to a provider that answers as others do.
struct RemoteRoutesTests {
    /// A function's status as Go writes it: what is zero is left out.
    private static func status(replicas: Int, available: Int) -> String {
        let counts = [("replicas", replicas), ("availableReplicas", available)].filter { $0.1 > 0 }
            .map { "\"\($0.0)\":\($0.1)," }.joined()
        return #"{"name":"f","image":"i","labels":{"com.openfaas.scale.min":"2"},COUNTS"createdAt":""}"#
            .replacing("COUNTS", with: counts)
    }

    /// Runs a gateway before the stub, whose own function `f` answers "called".
    private func withGateway(
        _ fixture: RemoteFixture, _ body: (String) async throws -> Void
    ) async throws {
        await fixture.port.server.publish(
            RouteTable([
                Route(
                    name: try FunctionName("f"),
                    state: .ready([
                        ReplicaEndpoint(id: "f", address: .tcp(host: "127.0.0.1", port: fixture.port.number))
                    ]), pathPrefix: "/called")
            ]))
        let gateway = Gateway(
            role: .gateway,
            configuration: ProxyConfiguration(
                listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "faasd/test"),
            provider: fixture.remote, publisher: fixture.publisher,
            credentials: Credentials(user: "admin", password: "pass:word"),
            version: VersionInfo(sha: "s", release: "r"), group: fixture.group, logger: Logger(label: "gateway"))
        await fixture.remote.prepare()
        let port = try await gateway.start()[0].port
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.remote.run() }
                try await body("http://127.0.0.1:\(port)")
                group.cancelAll()
            }
        } catch {
            await gateway.shutdown(grace: .zero)
            throw error
        }
        await gateway.shutdown(grace: .zero)
    }

    private func call(_ url: String) async throws -> (status: Int, body: String) {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 16)))
    }

    /// faasd's own list never says how many replicas are available; its answer about one function does.
    @Test func aListWithoutAvailabilityIsNoObstacle() async throws {
        try await RemoteFixture.with({ request, _ in
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/system/functions": (200, "[\(Self.status(replicas: 1, available: 0))]")
            case "/system/function/f": (200, Self.status(replicas: 1, available: 1))
            case "/called/a/b": (200, "called \(request.target)")
            default: (501, "")
            }
        }) { fixture in
            try await withGateway(fixture) { gateway in
                let answer = try await call(gateway + "/function/f/a/b?x=1")
                #expect(answer.status == 200 && answer.body == "called /called/a/b?x=1")
                #expect(try await call(gateway + "/function/none").status == 404)
            }
        }
    }

    /// A provider as Kubernetes's: scaled to zero, and up a while after it was asked.
    @Test func aSleepingFunctionIsScaledOnceAndThenCalled() async throws {
        try await RemoteFixture.with({ request, earlier in
            let scaled = earlier.filter { $0.target.hasPrefix("/system/scale-function/f") }.count
            let looks = earlier.filter { $0.target.hasPrefix("/system/function/f") }.count
            let status = Self.status(replicas: scaled > 0 ? 2 : 0, available: scaled > 0 && looks > 5 ? 1 : 0)
            return switch request.target.prefix(while: { $0 != "?" }) {
            case "/system/namespaces": (200, #"["openfaas-fn"]"#)
            case "/system/functions": (200, "[\(status)]")
            case "/system/function/f": (200, status)
            case "/system/scale-function/f": (202, "")
            case "/called/": (200, "called")
            default: (404, "")
            }
        }) { fixture in
            try await withGateway(fixture) { gateway in
                let answer = try await call(gateway + "/function/f")
                #expect(answer.status == 200 && answer.body == "called")
                let scales = await fixture.stub.requests("POST", "/system/scale-function/f")
                #expect(scales.map(\.body) == [#"{"namespace":"openfaas-fn","replicas":2,"serviceName":"f"}"#])
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func theLastTableIsKeptWhileTheProviderIsDown() async throws {
        try await RemoteFixture.with({ request, earlier in
            let lists = earlier.filter { $0.target.hasPrefix("/system/functions") }.count
            return switch request.target.prefix(while: { $0 != "?" }) {
            case "/system/namespaces": (200, #"["openfaas-fn"]"#)
            case "/system/functions": lists > 1 ? (503, "down") : (200, "[\(Self.status(replicas: 1, available: 1))]")
            case "/called/": (200, "called")
            default: (404, "")
            }
        }) { fixture in
            try await withGateway(fixture) { gateway in
                // The third round begins when the second has failed.
                while await fixture.stub.requests("GET", "/system/namespaces").count < 3 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await call(gateway + "/function/f").body == "called")
            }
        }
    }
}
