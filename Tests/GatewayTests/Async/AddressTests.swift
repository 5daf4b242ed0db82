import Testing

@testable import Gateway

struct AddressTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.19.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2001:db8::1", "2001::1", "not-an-address", "", "2130706433", "0x7f.1", "127.1",
    ]) func theseAreNotPublic(address: String) {
        #expect(!AddressRule.isPublic(address))
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.128.0.1", "198.20.0.1", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1",
    ]) func theseArePublic(address: String) {
        #expect(AddressRule.isPublic(address))
    }

    @Test func urlsAreTakenApart() throws {
        let address = try #require(CallbackAddress("HTTPS://user:pa%3Ass@Example.com:8443/a%20b/c?x=1&y=%2F"))
        #expect(address.scheme == "https" && address.host == "example.com" && address.port == 8443)
        #expect(address.target == "/a%20b/c?x=1&y=%2F" && address.authority == "example.com:8443")
        #expect(address.userInfo == "user:pa:ss")
        #expect(CallbackAddress("http://example.com")?.target == "/")
        #expect(CallbackAddress("http://[::1]:80/x")?.host == "::1")
        #expect(CallbackAddress("http://[::1]:80/x")?.authority == "[::1]:80")
        for text in [
            "", "/x", "example.com", "ftp://h/", "file:///etc/passwd", "http://", "http:///x", "http://a b/",
            "gopher://h", "javascript:alert(1)", "http://exa$mple.com/",
        ] {
            #expect(CallbackAddress(text) == nil, "\(text)")
        }
        #expect(CallbackAddress.withoutPassword("http://u:p@h/x?y") == "http://h/x?y")
        #expect(CallbackAddress.withoutPassword("http://h/x") == "http://h/x")
    }

    private func holds(_ url: String, _ bound: [(String, Int)]) -> Bool {
        let own = OwnAddresses(bound: bound.map { (host: $0.0, port: $0.1) })
        return CallbackAddress(url).map { own.holds($0) } ?? false
    }

    @Test func ownFunctionsAreKnown() {
        let bound = [("127.0.0.1", 8080), ("10.62.0.1", 8080)]
        for url in [
            "http://gateway:8080/function/f", "http://gateway.openfaas:8080/function/f?x=1",
            "http://127.0.0.1:8080/function/f", "http://localhost:8080/async-function/f",
            "http://10.62.0.1:8080/function/f",
        ] {
            #expect(holds(url, bound), "\(url)")
        }
        for url in [
            "http://gateway:8080/system/functions", "http://gateway/function/f", "http://gateway:9090/function/f",
            "https://gateway:8080/function/f", "http://127.0.0.1:8081/function/f",
            "http://gateway.example:8080/function/f",
            "http://10.62.0.2:8080/function/f", "http://127.0.0.1:8080/ui/",
        ] {
            #expect(!holds(url, bound), "\(url)")
        }
        #expect(holds("http://gateway:9000/function/f", [("0.0.0.0", 9000)]))
        #expect(holds("http://127.0.0.1:9000/function/f", [("0.0.0.0", 9000)]))
        #expect(!holds("http://localhost:9000/function/f", [("192.0.2.7", 9000)]))
        #expect(OwnAddresses(bound: [(host: "0.0.0.0", port: 81)]).base == "http://127.0.0.1:81")
        #expect(OwnAddresses(bound: [(host: "::", port: 81)]).base == "http://[::1]:81")
    }
}
