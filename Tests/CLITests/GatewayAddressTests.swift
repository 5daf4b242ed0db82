import Testing

@testable import CLI

/// Which gateway a command calls.
struct GatewayAddressTests {
    private func choose(
        _ flag: String?, _ stack: String?, _ variable: String?, keepsFlag: Bool = false
    ) throws -> String {
        let environment = variable.map { ["OPENFAAS_URL": $0] } ?? [:]
        return try GatewayAddress.choose(
            flag: flag, stack: stack, environment: Surroundings(environment: environment, directory: "/"),
            keepsFlag: keepsFlag
        ).text
    }

    @Test func theOrderIsThatOfFaasCli() throws {
        let standard = "http://127.0.0.1:8080"
        #expect(try choose(nil, nil, nil) == standard)
        #expect(try choose(nil, nil, "http://v") == "http://v")
        #expect(try choose(nil, "http://s", "http://v") == "http://s")
        #expect(try choose("http://f", "http://s", "http://v") == "http://f")
        #expect(try choose(standard, "http://s", "http://v") == "http://s")
        #expect(try choose(standard, standard, "http://v") == "http://v")
        #expect(try choose(standard, nil, "http://v", keepsFlag: true) == standard)
    }

    @Test func theFormIsThatOfFaasCli() throws {
        #expect(try GatewayAddress("GW.example.com:8080/Sub/").text == "http://gw.example.com:8080/sub")
        #expect(try GatewayAddress("https://a/b").root == "https://a")
        #expect(try GatewayAddress("https://[::1]:80/b").host == "::1")
        for bad in ["", "http://", "ftp://a", "http:///x", "http://a b", "http://user@host"] {
            #expect(throws: CLIError.self, "\(bad)") { try GatewayAddress(bad) }
        }
    }

    @Test func aPasswordInTheClearIsWarnedOf() throws {
        #expect(try GatewayAddress("http://10.0.0.1").warning(tlsNoVerify: false) != nil)
        #expect(try GatewayAddress("http://10.0.0.1").warning(tlsNoVerify: true) == nil)
        #expect(try GatewayAddress("http://127.0.0.1:9").warning(tlsNoVerify: false) == nil)
        #expect(try GatewayAddress("http://localhost:9").warning(tlsNoVerify: false) == nil)
        #expect(try GatewayAddress("https://10.0.0.1").warning(tlsNoVerify: false) == nil)
    }

    @Test func theProxyIsThatOfGo() throws {
        let surroundings = Surroundings(
            environment: [
                "HTTP_PROXY": "http://u:p@proxy:3128", "https_proxy": "tls.proxy", "NO_PROXY": "a.example, .corp",
            ], directory: "/")
        func proxy(_ address: String) throws -> HTTPProxy? { HTTPProxy.of(try GatewayAddress(address), surroundings) }
        #expect(try proxy("http://x")?.host == "proxy" && proxy("http://x")?.port == 3128)
        #expect(try proxy("http://x")?.credentials == "dTpw")
        #expect(try proxy("https://x")?.host == "tls.proxy" && proxy("https://x")?.port == 80)
        for near in ["http://127.0.0.1:8080", "http://localhost", "http://a.example", "http://b.corp"] {
            #expect(try proxy(near) == nil, "\(near)")
        }
    }
}
