import NIOCore
import Testing

@testable import Proxy

@Suite struct AccessRecordTests {
    private final class OneLine: AccessLogSink {
        let text = NIOLockedState("")
        func write(_ lines: ByteBuffer) { text.with { $0 += String(buffer: lines) } }
    }

    private static let now = NIODeadline.uptimeNanoseconds(5_000_000_000)

    /// The line of a request with this head.
    private static func line(_ head: [UInt8]) throws -> String {
        let sink = OneLine()
        var log = AccessLog(sink: sink)
        let record = AccessRecord()
        var parser = RequestHeadParser(limits: HeadLimits(bytes: 65536, fields: 100, targetBytes: 8192))
        try head.withUnsafeBytes { bytes in
            guard case .complete = try parser.parse(bytes) else { throw TestTimeout(description: "no head") }
            log.begin(
                record, head: parser.head, bytes: bytes, peer: Array("::1".utf8), time: 1_795_494_091_007_999_999,
                now: now)
        }
        log.end(record, AccessLog.End(status: 200), now: now + .nanoseconds(12_034_999))
        log.handOver()
        return sink.text.with { $0 }
    }

    @Test func bytesAreEscapedOneByOne() throws {
        let agent: [UInt8] = Array("a\"\\\t".utf8) + [0x80, 0xC3, 0xA9, 0xFF]
        let head =
            Array("GET /a\"\\".utf8) + [0xE2, 0x82] + Array(" HTTP/1.1\r\nHost: a\r\nUser-Agent: ".utf8) + agent
            + Array("\r\n\r\n".utf8)
        #expect(
            try Self.line(head)
                == #"{"time":"2026-11-24T04:21:31.007Z","client":"::1","method":"GET","path":"/a\"\\\u00e2\u0082","#
                + #""user_agent":"a\"\\\u0009\u0080\u00c3\u00a9\u00ff","status":200,"bytes_in":0,"bytes_out":0,"#
                + #""duration_ms":12.034}"# + "\n")
    }

    @Test func lengthsAreBounded() throws {
        let head =
            "GET /\(String(repeating: "\"", count: 5000))?q HTTP/1.1\r\nHost: a\r\n"
            + "User-Agent: \(String(repeating: "\"", count: 5000))\r\nX-Call-Id: \(String(repeating: "x", count: 5000))\r\n\r\n"
        let line = try Self.line(Array(head.utf8))
        #expect(line.contains("\"path\":\"/\(String(repeating: "\\\"", count: 1023))\","))
        #expect(line.contains("\"user_agent\":\"\(String(repeating: "\\\"", count: 256))\","))
        #expect(line.contains("\"call_id\":\"\(String(repeating: "x", count: 256))\","))
    }

    @Test func pathEndsBeforeTheQuery() throws {
        for target in ["/a?token=x", "/a?", "/a", "http://b/a?c"] {
            let line = try Self.line(Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(line.contains("\"path\":\"/a\","))
        }
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test(arguments: [
        ("00-\(trace)-b7ad6b7169203331-01", true), ("01-\(trace)-b7ad6b7169203331-01", true),
        ("01-\(trace)-b7ad6b7169203331-01-more", true), ("00-\(trace)-b7ad6b7169203331-01-more", false),
        ("01-\(trace)-b7ad6b7169203331-01more", false), ("ff-\(trace)-b7ad6b7169203331-01", false),
        ("00-\(trace)-0000000000000000-01", false),
        ("00-\(String(repeating: "0", count: 32))-b7ad6b7169203331-01", false),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false), ("00-\(trace)-b7ad6b7169203331-0", false),
        ("", false), (trace, false), ("00_\(trace)-b7ad6b7169203331-01", false),
        ("00-\(trace)-b7ad6b7169203331-01\r\ntraceparent: 00-\(trace)-b7ad6b7169203331-01", false),
    ])
    func traceIDs(_ value: String, _ isValid: Bool) throws {
        let line = try Self.line(Array("GET / HTTP/1.1\r\nHost: a\r\nTraceParent: \(value)\r\n\r\n".utf8))
        #expect(line.contains("\"trace_id\":\"\(Self.trace)\"") == isValid)
        #expect(line.contains("trace_id") == isValid)
    }
}
