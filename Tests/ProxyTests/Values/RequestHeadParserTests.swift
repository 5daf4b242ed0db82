import NIOCore
import Testing

@testable import Proxy

@Suite struct RequestHeadParserTests {
    static let limits = HeadLimits(bytes: 4096, fields: 16, targetBytes: 256)

    /// What became of bytes that were given in pieces.
    enum Outcome: Equatable, CustomStringConvertible {
        case incomplete
        case complete(length: Int, fields: Int, bodyIsEnded: Bool)
        case fault(HeadFault)

        var description: String {
            switch self {
            case .incomplete: "incomplete"
            case .complete(let length, let fields, let ended): "complete(\(length), \(fields), \(ended))"
            case .fault(let fault): "fault(\(fault))"
            }
        }
    }

    /// Parses `bytes`, showing the parser a longer and longer part of them.
    static func parse(_ bytes: [UInt8], ends: [Int]) -> Outcome {
        var parser = RequestHeadParser(limits: limits)
        for end in ends + [bytes.count] {
            // A copy of its own size, so that reading past the end is a fault and not luck.
            let part = Array(bytes[..<end])
            do {
                if case .complete = try part.withUnsafeBytes({ try parser.parse($0) }) {
                    return .complete(
                        length: parser.head.length, fields: parser.head.fields.count,
                        bodyIsEnded: parser.head.body.isEnded)
                }
            } catch let fault as HeadFault {
                return .fault(fault)
            } catch {
                Issue.record("foreign error: \(error)")
            }
        }
        return .incomplete
    }

    static func parse(_ text: String) -> Outcome { parse(Array(text.utf8), ends: []) }

    @Test func indexesAHead() throws {
        var parser = RequestHeadParser(limits: Self.limits)
        let text = "POST /a?b HTTP/1.1\r\nHost: h:1\r\nX:\t y z \t\r\nContent-Length: 5\r\n\r\nhello"
        try Array(text.utf8).withUnsafeBytes { bytes in
            guard case .complete = try parser.parse(bytes) else {
                Issue.record("incomplete")
                return
            }
            let head = parser.head
            func text(_ range: Range<Int>) -> String { String(decoding: bytes.part(range), as: UTF8.self) }
            #expect(text(head.methodRange) == "POST")
            #expect(text(head.target) == "/a?b")
            #expect(head.host.map(text) == "h:1")
            #expect(head.fields.map { text($0.name) } == ["Host", "X", "Content-Length"])
            #expect(head.fields.map { text($0.value) } == ["h:1", "y z", "5"])
            #expect(head.body == .length(5))
            #expect(head.length == text(0..<bytes.count).utf8.count - 5)
            #expect(head.keepsAlive)
            #expect(head.method == .other)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "M-SEARCH * HTTP/1.1\r\nHost: \r\n\r\n",
        "GET http://a:1/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{E4} HTTP/1.1\r\nHost: a\r\nX: \u{E4}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\nEmpty:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n",
    ])
    func accepts(_ text: String) {
        guard case .complete(let length, _, _) = Self.parse(text) else {
            Issue.record("refused: \(Self.parse(text))")
            return
        }
        #expect(length == text.utf8.count)
    }

    static let hostile: [(String, HeadFault)] = [
        ("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        ("\nGET / HTTP/1.1\r\n", .bareLineFeed),
        ("\r\n\r\nGET / HTTP/1.1\r\n", .malformedRequestLine),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .malformedFieldName),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", .malformedFieldName),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", .malformedFieldName),
        ("GET / HTTP/1.1\r\nH\u{0}st: a\r\n\r\n", .malformedFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", .controlCharacter),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .controlCharacter),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}\r\n\r\n", .controlCharacter),
        ("GET / HTTP/1.1\r\n\r\n", .missingHost),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformedHost),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .unsupportedVersion),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET /\r\n\r\n", .malformedRequestLine),
        ("GET\r\n\r\n", .malformedRequestLine),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET /\u{1}x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("\u{16}\u{3}\u{1}", .malformedRequestLine),
        (String(repeating: "M", count: 33) + " / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        ("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", .connectMethod),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .conflictingContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", .malformedContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", .malformedContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", .malformedContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", .malformedContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", .malformedContentLength),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", .malformedContentLength),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthAndTransferEncoding
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            .contentLengthAndTransferEncoding
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferEncoding),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", .unsupportedTransferEncoding),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", .unsupportedTransferEncoding),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            .unsupportedTransferEncoding
        ),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedTransferEncoding),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", .unsupportedExpectation),
        ("GET /" + String(repeating: "x", count: 256) + " HTTP/1.1\r\nHost: a\r\n\r\n", .targetTooLong),
        ("GET /" + String(repeating: "x", count: 400), .targetTooLong),
        ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 16) + "\r\n", .tooManyFields),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 4096) + "\r\n\r\n", .headTooLong),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 4096), .headTooLong),
    ]

    @Test(arguments: hostile)
    func refuses(_ text: String, _ fault: HeadFault) {
        #expect(Self.parse(text) == .fault(fault))
    }

    @Test func everyFaultHasAStatusAndASentence() {
        for fault in HeadFault.allCases {
            #expect((400...599).contains(fault.status), "\(fault)")
            #expect(fault.text.utf8CodeUnitCount > 10, "\(fault)")
        }
    }

    @Test func everySplitGivesTheSameResult() {
        let text =
            "POST /function/f?x HTTP/1.1\r\nHost: a\r\nConnection: close, x\r\nX-Call-Id: 1\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
        let bytes = Array(text.utf8)
        let whole = Self.parse(bytes, ends: [])
        #expect(whole == .complete(length: bytes.count, fields: 4, bodyIsEnded: false))
        for end in bytes.indices { #expect(Self.parse(bytes, ends: [end]) == whole, "split at \(end)") }
        #expect(Self.parse(bytes, ends: Array(bytes.indices)) == whole)
    }

    /// Random changes of good heads must neither crash the parser nor make it depend on how the bytes arrive.
    @Test func randomBytes() {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let seeds =
            Self.hostile.map { Array($0.0.utf8) } + [
                Array("GET /function/f HTTP/1.1\r\nHost: a\r\nA: b\r\nContent-Length: 3\r\n\r\nabc".utf8),
                Array("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8),
            ]
        let favourites: [UInt8] = [0, 9, 10, 13, 32, 44, 58, 59, 47, 48, 127, 255]
        for _ in 0..<20_000 {
            guard var bytes = seeds.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] = favourites.randomElement(using: &random) ?? 0
                case 2: bytes.remove(at: place)
                default: bytes.insert(favourites.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let ends = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let whole = Self.parse(bytes, ends: [])
            let split = Self.parse(bytes, ends: ends)
            // A fault may be seen before a longer one, but never instead of success.
            switch (whole, split) {
            case (.fault, .fault): break
            default:
                guard whole != split else { continue }
                Issue.record("\(whole) but in pieces \(split), seed \(seed), bytes \(bytes), ends \(ends)")
            }
        }
    }
}
