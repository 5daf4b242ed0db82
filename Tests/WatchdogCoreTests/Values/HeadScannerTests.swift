import Testing

@testable import WatchdogCore

@Suite struct HeadScannerTests {
    private let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func findsTheEndWhereverTheBytesAreCut() {
        for cut in 0..<request.utf8.count {
            var scanner = HeadScanner()
            #expect(withBytes(request.slice(0..<cut)) { scanner.scan($0) } == .incomplete)
            #expect(withBytes(request + "rest") { scanner.scan($0) } == .complete(request.utf8.count))
        }
    }

    @Test func beginsAnewAfterAHead() {
        var scanner = HeadScanner()
        for _ in 0..<2 {
            #expect(withBytes(request) { scanner.scan($0) } == .complete(request.utf8.count))
        }
    }

    @Test func skipsOneEmptyLineBeforeARequest() {
        var scanner = HeadScanner()
        #expect(withBytes("\r\n" + request) { scanner.scan($0) } == .blank(2))
        #expect(withBytes(request) { scanner.scan($0) } == .complete(request.utf8.count))
        var other = HeadScanner()
        #expect(withBytes("\r\n\r\n") { other.scan($0) } == .blank(2))
        #expect(withBytes("\r\n") { other.scan($0) } == .rejected(.malformed("empty request line")))
    }

    @Test(arguments: ["\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\n"])
    func refusesBareLineFeeds(text: String) {
        var scanner = HeadScanner()
        #expect(withBytes(text) { scanner.scan($0) } == .rejected(.malformed("line does not end in CRLF")))
    }

    @Test func boundsLineHeadAndCount() {
        #expect(status(String(repeating: "a", count: Limits.requestLine + 1)) == .uriTooLong)
        let long = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: Limits.head)
        #expect(status(long) == .headTooLarge)
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: Limits.fieldCount + 2)
        #expect(status(many) == .headTooLarge)
    }

    private func status(_ text: String) -> StatusCode? {
        var scanner = HeadScanner()
        guard case .rejected(let rejection) = withBytes(text, { scanner.scan($0) }) else { return nil }
        return rejection.status
    }
}
