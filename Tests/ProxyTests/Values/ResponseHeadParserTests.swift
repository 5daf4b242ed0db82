import Testing

@testable import Proxy

@Suite struct ResponseHeadParserTests {
    static func parse(_ text: String) throws -> ResponseHead? {
        var parser = ResponseHeadParser(limits: HeadLimits(bytes: 4096, fields: 16, targetBytes: 256))
        let progress = try Array(text.utf8).withUnsafeBytes { try parser.parse($0) }
        guard case .complete = progress else { return nil }
        return parser.head
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.1 200\r\n\r\n", 200), ("HTTP/1.1 200 \r\n\r\n", 200),
        ("HTTP/1.0 599 Who Knows\r\nA: b\r\n\r\n", 599), ("HTTP/1.1 103 Early Hints\r\n\r\n", 103),
    ])
    func accepts(_ text: String, status: Int) throws {
        #expect(try Self.parse(text)?.status == status)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\n\n", HeadFault.bareLineFeed),
        ("HTTP/1.1  200 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 20 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/2 200 OK\r\n\r\n", .malformedStatusLine),
        ("ICY 200 OK\r\n\r\n", .malformedStatusLine),
        ("\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .controlCharacter),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedField),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .conflictingContentLength),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthAndTransferEncoding
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferEncoding),
    ])
    func refuses(_ text: String, _ fault: HeadFault) {
        #expect(throws: fault) { try Self.parse(text) }
    }

    @Test func bodyFollowsFromStatusAndMethod() throws {
        let length = try #require(try Self.parse("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"))
        #expect(length.body(answering: .get) == .length(7))
        #expect(length.body(answering: .head) == .length(0))
        let open = try #require(try Self.parse("HTTP/1.1 200 OK\r\n\r\n"))
        #expect(open.body(answering: .get) == .untilClose)
        for status in [204, 304] {
            let head = try #require(try Self.parse("HTTP/1.1 \(status) X\r\nContent-Length: 7\r\n\r\n"))
            #expect(head.body(answering: .get) == .length(0))
        }
        let chunked = try #require(try Self.parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
        #expect(chunked.body(answering: .get) == .chunked(ChunkScanner()))
        #expect(chunked.framing(chunked.body(answering: .get), forHTTP11: false) == .untilClose)
    }

    @Test func connectionIsKeptByVersionAndToken() throws {
        #expect(try Self.parse("HTTP/1.1 200 OK\r\n\r\n")?.keepsAlive == true)
        #expect(try Self.parse("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n")?.keepsAlive == false)
        #expect(try Self.parse("HTTP/1.0 200 OK\r\n\r\n")?.keepsAlive == false)
        #expect(try Self.parse("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n")?.keepsAlive == true)
    }

    @Test func randomBytesDoNotCrash() {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let good = Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\nX: y\r\n\r\nabc".utf8)
        for _ in 0..<10_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let end = Int.random(in: 0...bytes.count, using: &random)
            let head = try? Self.parse(String(decoding: bytes[..<end], as: UTF8.self))
            if let head { #expect((100...999).contains(head.status), "seed \(seed)") }
        }
    }
}
