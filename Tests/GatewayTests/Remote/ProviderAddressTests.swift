import Testing

@testable import Gateway

struct ProviderAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"), ("http://provider.openfaas", "http://provider.openfaas:80"),
        ("HTTP://host:1/", "http://host:1"), ("http://h:8080/a/b//", "http://h:8080/a/b"),
    ])
    func reads(url: String, whole: String) throws {
        #expect(try ProviderAddress(url: url).description == whole)
    }

    @Test(arguments: [
        "", "127.0.0.1:8081", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:65536", "http://h:x",
        "http://user:pass@h:80", "http://h/../x", "http://h/a?b", "http://h/a#b", "http://[::1]:80", "http://h h",
        "http://h:80:80", "http://-h", "http://h/%2e",
    ])
    func refuses(url: String) {
        #expect(throws: InvalidProviderURL.self) { try ProviderAddress(url: url) }
    }

    @Test func tlsIsRefusedWithAWayOut() {
        let error = #expect(throws: InvalidProviderURL.self) { try ProviderAddress(url: "https://h:443") }
        #expect(error?.description.contains("TLS tunnel") == true)
    }

    @Test func namesAreResolved() async throws {
        #expect(try await HostResolver.addresses(of: "127.0.0.9") == ["127.0.0.9"])
        await #expect(throws: UnknownHost.self) { try await HostResolver.addresses(of: "no-such-host.invalid") }
    }
}
