import Foundation
import Logging
import NIOCore
import OpenFaaSAPI
import Provider
import Proxy
import Testing

@testable import Gateway

/// What providers do differently, made the same.
struct RemoteProviderTests {
    private func failure(_ body: () async throws -> Void) async -> ProviderError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ProviderError
        }
    }

    @Test func aDeploymentMayBeAnsweredWithNothing() async throws {
        try await RemoteFixture.with({ _, _ in (200, "") }) { fixture in
            try await fixture.remote.deploy(FunctionDeployment(service: "f", image: "i", envProcess: "cat"))
            let request = try #require(await fixture.stub.requests("POST", "/system/functions").first)
            #expect(request.body == #"{"envProcess":"cat","image":"i","namespace":"openfaas-fn","service":"f"}"#)
            #expect(request.authorization == "Basic " + Data("admin:pass:word".utf8).base64EncodedString())
            let bad = await failure {
                try await fixture.remote.deploy(FunctionDeployment(service: "../x", image: "i"))
            }
            #expect(bad?.code == .invalid && bad?.message.hasPrefix("invalid function name") == true)
        }
    }

    @Test(arguments: [
        (400, "unable to find secret: x\n", ProviderError.Code.invalid, "unable to find secret: x"),
        (400, "", .invalid, "the provider refuses the request"),
        (401, "invalid credentials", .runtimeUnavailable, "refuses this gateway's user and password"),
        (404, "", .notFound, "function f.openfaas-fn not found"),
        (404, "function: f.openfaas-fn not found\n", .notFound, "function: f.openfaas-fn not found"),
        (409, "", .alreadyExists, "function f.openfaas-fn already exists"),
        (501, "Feature not implemented", .unsupported, "PUT /system/functions is not supported by this provider"),
        (500, "boom", .internalError, "boom"), (500, "", .internalError, "answered 500"),
        (503, "containerd is down\n", .runtimeUnavailable, "containerd is down"),
        (507, "disk full", .storeFailed, "disk full"), (302, "", .internalError, "answered 302"),
    ])
    func statusesBecomeCodes(status: Int, body: String, code: ProviderError.Code, words: String) async throws {
        try await RemoteFixture.with({ _, _ in (status, body) }) { fixture in
            let error = await failure {
                try await fixture.remote.update(FunctionDeployment(service: "f", image: "i"))
            }
            #expect(error?.code == code)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "none")")
        }
    }

    @Test func whatIsNotThereIsNamed() async throws {
        try await RemoteFixture.with({ _, _ in (200, "[]") }) { fixture in
            await fixture.port.server.shutdown(grace: .zero)
            let error = await failure { _ = try await fixture.remote.list(namespace: "openfaas-fn", usage: false) }
            #expect(error?.code == .runtimeUnavailable)
            #expect(
                error?.message
                    == "the provider at http://127.0.0.1:\(fixture.port.number) cannot be reached: Connection refused")
        }
    }

    @Test func aListMayLeaveOutAndNull() async throws {
        let list = """
            [{"name":"f","image":"i","labels":null,"annotations":null,"replicas":1,"createdAt":"0001-01-01T00:00:00Z"}]
            """
        try await RemoteFixture.with({ request, _ in
            request.target.contains("dev") ? (200, list) : (200, "null")
        }) { fixture in
            let functions = try await fixture.remote.list(namespace: "dev", usage: true)
            #expect(functions.map(\.name) == ["f"] && functions.map(\.namespace) == ["dev"])
            #expect(functions.first?.labels == [:] && functions.first?.replicas == 1)
            #expect(try await fixture.remote.list(namespace: "openfaas-fn", usage: false).isEmpty)
            #expect(try await fixture.remote.secrets(namespace: "openfaas-fn").isEmpty)
            #expect(await fixture.stub.requests.map(\.target).first == "/system/functions?namespace=dev&usage=1")
        }
    }

    @Test(arguments: [
        (501, "Feature not implemented", ["openfaas-fn"]), (404, "", ["openfaas-fn"]), (200, "null", ["openfaas-fn"]),
        (200, #"["dev","openfaas-fn"]"#, ["openfaas-fn", "dev"]), (200, #"["only"]"#, ["only"]),
    ])
    func namespacesAreToldOrNot(status: Int, body: String, names: [String]) async throws {
        try await RemoteFixture.with({ _, _ in (status, body) }) { fixture in
            let told = try await fixture.remote.namespaces()
            #expect(told == names)
        }
    }

    @Test func theNamespaceIsInQueryAndBody() async throws {
        try await RemoteFixture.with({ _, _ in (200, "") }) { fixture in
            let name = try FunctionName("f", namespace: "dev")
            try await fixture.remote.delete(name)
            try await fixture.remote.scale(name, to: 3)
            try await fixture.remote.createSecret("s", namespace: "dev", value: Array("text".utf8))
            try await fixture.remote.updateSecret("s", namespace: "dev", value: [0xFF, 0x00])
            try await fixture.remote.deleteSecret("s", namespace: "dev")
            try await fixture.remote.deleteNamespace("dev")
            let changes = await fixture.stub.requests.filter { $0.method != "GET" }
            #expect(
                changes.map { "\($0.method) \($0.target) \($0.body)" } == [
                    #"DELETE /system/functions?namespace=dev {"functionName":"f","namespace":"dev"}"#,
                    #"POST /system/scale-function/f?namespace=dev {"namespace":"dev","replicas":3,"serviceName":"f"}"#,
                    #"POST /system/secrets?namespace=dev {"name":"s","namespace":"dev","value":"text"}"#,
                    #"PUT /system/secrets?namespace=dev {"name":"s","namespace":"dev","rawValue":"/wA="}"#,
                    #"DELETE /system/secrets?namespace=dev {"name":"s","namespace":"dev"}"#,
                    #"DELETE /system/namespace/dev {"labels":{"openfaas":"1"},"name":"dev"}"#,
                ])
        }
    }

    @Test func olderProvidersSayLessOfThemselves() async throws {
        let today = #"{"provider":"faas-netes","version":{"sha":"s","release":"r"},"orchestration":"kubernetes"}"#
        try await RemoteFixture.with({ _, earlier in (200, earlier.count == 1 ? today : "{}") }) { fixture in
            let (whole, empty) = (try await fixture.remote.info(), try await fixture.remote.info())
            #expect(whole.provider == "faas-netes" && whole.orchestration == "kubernetes")
            #expect(empty.provider == "unknown")
        }
    }

    @Test func answersHaveLimits() async throws {
        let endless = EndlessAnswer()
        try await RemoteFixture.with(endless) { fixture in
            let long = await failure { _ = try await fixture.remote.list(namespace: "long", usage: false) }
            #expect(long?.message.contains("longer than") == true, "\(long?.message ?? "none")")
            var slow = ProviderCall.get("/system/slow", subject: "x")
            slow.timeout = .milliseconds(200)
            let late = await failure { try await fixture.remote.client.send(slow) }
            #expect(late?.code == .runtimeUnavailable && late?.message.contains("did not answer") == true)
        }
    }
}

/// A body without an end, or none at all.
private struct EndlessAnswer: Fallback {
    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        // Both end when the client goes away.
        try? await {
            try await writer.writeHead(status: 200)
            if request.target.hasPrefix("/system/slow") { try await Task.sleep(for: .seconds(60)) }
            while true { try await writer.write(ByteBuffer(repeating: 0x20, count: 1 << 16)) }
        }()
    }
}
