import Testing

@testable import WatchdogCore

@Suite struct RequestParserTests {
    @Test func readsARequest() throws {
        let text = "POST /a%20b?x=1&y=2 HTTP/1.1\r\nHost: example:80\r\nContent-Length: 5\r\nX-Two:  b \t\r\n\r\n"
        let head = try parse(text).get()
        #expect(text.slice(head.method) == "POST")
        #expect(text.slice(head.path) == "/a%20b")
        #expect(text.slice(head.query) == "x=1&y=2")
        #expect(text.slice(head.host) == "example:80")
        #expect(head.framing == .length(5))
        #expect(head.keepsAlive)
        #expect(head.fields.map { text.slice($0.name) } == ["Host", "Content-Length", "X-Two"])
        #expect(text.slice(head.fields[2].value) == "b")
    }

    @Test func takesAbsoluteTargets() throws {
        let text = "GET http://Real.host:1/p?q HTTP/1.1\r\nHost: other\r\n\r\n"
        let head = try parse(text).get()
        #expect(text.slice(head.host) == "Real.host:1")
        #expect(text.slice(head.path) == "/p")
        #expect(text.slice(head.query) == "q")
        let bare = try parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").get()
        #expect(bare.path.isEmpty && bare.query.isEmpty)
        #expect(refusal("GET http:///p HTTP/1.1\r\nHost: h\r\n\r\n") == 400)
        #expect(refusal("GET http://user@h/ HTTP/1.1\r\nHost: h\r\n\r\n") == 400)
    }

    @Test func knowsVersions() throws {
        #expect(try parse("GET / HTTP/1.0\r\n\r\n").get().keepsAlive == false)
        #expect(refusal("GET / HTTP/1.1\r\n\r\n") == 400)
        #expect(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 505)
        #expect(refusal("GET / http/1.1\r\nHost: h\r\n\r\n") == 400)
        #expect(refusal("GET / HTTP/1.11\r\nHost: h\r\n\r\n") == 400)
        #expect(refusal("GET /\r\nHost: h\r\n\r\n") == 400)
    }

    @Test(arguments: [
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: +5", "Content-Length: 5,5", "Content-Length: ",
        "Content-Length: 0x5", "Content-Length: 9999999999999999999", "Content-Length: -1",
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Host: two", "Bad Name: x", "Name : x", ": x",
        "folded: a\r\n b", "\tfolded: a", "No-Colon", "Null: a\u{0}b", "Bare: a\rb", "Delete: a\u{7f}", "K\u{e4}se: x",
    ])
    func refusesWhatCanBeReadTwoWays(field: String) {
        #expect(refusal("POST / HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n") == 400)
    }

    @Test(arguments: ["/%", "/%4", "/%zz", "/%00", "/a b", "/a#b", "//h\u{7f}", "x", "*", ""])
    func refusesTargets(target: String) {
        #expect(refusal("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n") == 400)
    }

    @Test func refusesWithTheStatusThatFits() {
        #expect(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n") == 501)
        #expect(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400)
        #expect(refusal("POST / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n") == 417)
        #expect(refusal("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n") == 405)
        #expect(refusal("G(T / HTTP/1.1\r\nHost: h\r\n\r\n") == 400)
        #expect(refusal("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == 400)
        let many = (0...Limits.fieldCount).map { "X-\($0): y\r\n" }.joined()
        #expect(refusal("GET / HTTP/1.1\r\n\(many)\r\n") == 431)
    }

    @Test func readsConnectionAndExpectation() throws {
        let closing = try parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo , Close\r\n\r\n").get()
        #expect(!closing.keepsAlive)
        let waiting = try parse(
            "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nTransfer-Encoding: Chunked\r\n\r\n"
        ).get()
        #expect(waiting.expectsContinue)
        #expect(waiting.framing == .chunked)
        let nothingToSend = try parse("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").get()
        #expect(!nothingToSend.expectsContinue)
        let twice = try parse("POST / HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n").get()
        #expect(twice.framing == .length(3))
        #expect(try parse("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").get().isHEAD)
        #expect(throws: Never.self) { try parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").get() }
    }

    /// Whatever the bytes are, parsing ends with an answer and ranges within the bytes.
    @Test func survivesMutations() {
        let seed = "POST /a%41?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Array(seed.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
            }
            let result = bytes.withUnsafeBytes { RequestParser.parse($0) }
            guard case .success(let head) = result else { continue }
            let ranges = [head.method, head.path, head.query, head.host] + head.fields.flatMap { [$0.name, $0.value] }
            #expect(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= bytes.count })
        }
    }
}
