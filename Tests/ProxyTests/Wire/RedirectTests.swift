import Testing

@testable import Proxy

/// Where clients without encryption are sent.
struct RedirectTests {
    private let redirect = PlainRedirect(port: 8443, servedAt: ["10.62.0.1"])

    @Test func thisMachineAndFunctionsAreServed() {
        #expect(redirect.applies(local: "192.0.2.1", peer: "192.0.2.9"))
        #expect(
            !redirect.applies(local: "127.0.0.1", peer: "127.0.0.1") && !redirect.applies(local: "::1", peer: "::1"))
        #expect(!redirect.applies(local: "192.0.2.1", peer: "192.0.2.1"))
        #expect(!redirect.applies(local: "10.62.0.1", peer: "10.62.0.9"))
    }

    @Test func theHostStaysAndThePortChanges() {
        #expect(redirect.location(host: "example.org:8080", target: "/a?b") == "https://example.org:8443/a?b")
        #expect(redirect.location(host: "[2001:db8::1]:80", target: "/") == "https://[2001:db8::1]:8443/")
        #expect(PlainRedirect(port: 443).location(host: "example.org", target: "/") == "https://example.org/")
        for host in ["", "a b", "x\r\ny", "user@host", "[::1/evil]"] {
            #expect(redirect.location(host: host, target: "/") == nil, "\(host)")
        }
        #expect(redirect.location(host: "h", target: "*") == nil)
    }

    @Test func requestsAndCallsAreSentToTheEncryptedPort() async throws {
        var strict = redirect
        strict.servesThisMachine = false
        try await ProxyFixture.with(redirect: strict) { proxy in
            for path in ["/system/functions?x=1", "/function/f/y"] {
                let client = try await proxy.connect()
                try await client.send("POST \(path) HTTP/1.1\r\nHost: a.example:80\r\nContent-Length: 2\r\n\r\nhi")
                let answer = try await client.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 308 Permanent Redirect\r\n"))
                #expect(answer.contains("\r\nLocation: https://a.example:8443\(path)\r\n"), "\(answer)")
            }
            let client = try await proxy.connect()
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 400 "))
        }
        try await ProxyFixture.with(redirect: redirect) { proxy in
            let client = try await proxy.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().head.hasPrefix("HTTP/1.1 200"))
        }
    }
}
