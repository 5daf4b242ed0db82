import NIOCore
import Testing

@testable import Proxy

/// W3C Trace Context belongs to client and function: it is passed on as it is, and never invented.
@Suite struct TraceContextTests {
    private static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(arguments: [
        [], ["traceparent: \(valid)"], ["TraceParent: \(valid)", "tracestate: a=b, c=d", "Tracestate:e=f"],
        ["traceparent: \(valid)", "traceparent: \(valid)"], ["traceparent: nonsense", "tracestate: ,,=,"],
        ["traceparent:", "tracestate:"], ["tracestate: a=b"], ["traceparent:  \(valid) ", "X: y", "traceparent: 00"],
    ])
    func passesAsItIs(_ lines: [String]) async throws {
        // The access log reads the field, and must not change it either.
        try await ProxyFixture.with(loops: 1, accessLog: RecordingSink()) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                let fields = lines.map { "\($0)\r\n" }.joined()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                let upstream = try await replica.accept()
                let seen = try await upstream.readHead().split(separator: "\r\n").map(String.init)
                #expect(seen.filter { $0.lowercased().hasPrefix("trace") } == lines.filter { $0 != "X: y" })
                try await upstream.send("HTTP/1.1 200 OK\r\nTraceparent: x\r\nContent-Length: 0\r\n\r\n")
                let answer = try await client.readHead().split(separator: "\r\n").map(String.init)
                #expect(answer.filter { $0.lowercased().hasPrefix("trace") } == ["Traceparent: x"])
            }
        }
    }
}
