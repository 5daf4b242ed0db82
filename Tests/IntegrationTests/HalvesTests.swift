import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Gateway and provider apart from each other.
@Suite(.serialized) struct HalvesTests {
    private let echo = """
        {"service":"echo","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}
        """

    @Test func theProviderAloneIsAProviderAndNoMore() async throws {
        try await Daemon.with(setup: .split) { daemon in
            try await daemon.importImage("busybox")
            let provider = Curl(base: daemon.providerCurl.base, credentials: try daemon.admin().credentials)
            #expect(try await daemon.providerCurl("GET", "/healthz").status == 200)
            for path in ["/", "/ui", "/ui/"] { #expect(try await provider("GET", path).status == 404, "\(path)") }
            for path in ["/system/functions", "/system/info", "/system/namespaces", "/system/secrets"] {
                #expect(try await daemon.providerCurl("GET", path).status == 401, "\(path)")
            }
            let inner = try await provider("GET", "/system/info")
            let info = try JSONDecoder().decode(ProviderInfo.self, from: Data(inner.body.utf8))
            #expect(info.provider == "faasd" && info.orchestration == "containerd")
            let outer = try await daemon.admin()("GET", "/system/info")
            #expect(try JSONDecoder().decode(GatewayInfo.self, from: Data(outer.body.utf8)).provider == info)

            // Deployed behind the gateway's back, and found by it all the same.
            #expect(try await provider("POST", "/system/functions", body: echo).status == 202)
            #expect(try await daemon.providerCurl("POST", "/function/echo", body: "one").body == "one")
            #expect(try await !provider("GET", "/system/functions").body.contains("invocationCount"))
            try await eventually("the gateway finds the function", within: .seconds(5)) {
                try await daemon.curl("POST", "/function/echo", body: "two").body == "two"
            }
            let scale = #"{"serviceName":"echo","replicas":0}"#
            #expect(try await provider("POST", "/system/scale-function/echo", body: scale).status == 202)
            #expect(try await daemon.curl("POST", "/function/echo", body: "three").body == "three")
            let removal = #"{"functionName":"echo"}"#
            #expect(try await provider("DELETE", "/system/functions", body: removal).status == 202)
            try await eventually("the gateway forgets the function", within: .seconds(5)) {
                try await daemon.curl("POST", "/function/echo", body: "x").status == 404
            }
        }
    }

    @Test func theGatewayOutlivesTheProvider() async throws {
        try await Daemon.with(setup: .split) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            #expect(try await admin("POST", "/system/functions", body: echo).status == 202)
            #expect(try await daemon.curl("POST", "/function/echo", body: "one").body == "one")
            try await daemon.end(signal: SIGKILL, only: "provider")
            for (method, path) in [
                ("GET", "/system/functions"), ("POST", "/system/functions"), ("GET", "/system/info"),
            ] {
                let answer = try await admin(method, path, body: method == "POST" ? echo : nil)
                #expect(answer.status == 503 && answer.body.contains(daemon.providerCurl.base), "\(answer.body)")
            }
            #expect(try await daemon.curl("GET", "/healthz").status == 200)
            // Not 404: the function is known, nobody can be reached.
            #expect(try await daemon.curl("POST", "/function/echo", body: "two").status == 502)
            try await daemon.start()
            try await eventually("calls get through again", within: .seconds(15)) {
                try await daemon.curl("POST", "/function/echo", body: "three").body == "three"
            }
        }
    }

    @Test func aGatewayWithoutAProviderSaysWhatIsMissing() async throws {
        let environment = try TestEnvironment()
        let missing = try await Shell.run(environment.faasd, ["gateway", "--data-dir", "/nonexistent/faasd"])
        #expect(missing.code != 0 && missing.error.contains("provider-url (FAASD_PROVIDER_URL)"))
        let encrypted = try await Shell.run(
            environment.faasd, ["gateway", "--data-dir", "/nonexistent/faasd", "--provider-url", "https://h"])
        #expect(encrypted.code != 0 && encrypted.error.contains("TLS tunnel"))
    }
}
