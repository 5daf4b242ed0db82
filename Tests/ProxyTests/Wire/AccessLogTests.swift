import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

@Suite struct AccessLogTests {
    private static func line(_ middle: String, _ end: String) -> String {
        "{\"time\":*,\"client\":\"127.0.0.1\"\(middle),\(end)}"
    }

    private static func call(_ method: String, _ path: String, _ end: String) -> String {
        line(",\"method\":\"\(method)\",\"path\":\"\(path)\",\"function\":\"f.openfaas-fn\",\"call_id\":*", end)
    }

    @Test func callIsToldWhole() async throws {
        let sink = RecordingSink()
        try await ProxyFixture.with(loops: 1, accessLog: sink) { proxy in
            try await Replica.with(id: "f-1") { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(
                    "PUT /function/f/a%20b?token=secret HTTP/1.1\r\nHost: a\r\nAuthorization: Basic secret\r\n"
                        + "Cookie: secret\r\nUser-Agent: curl/8 \"x\"\r\nX-Call-Id: id-1\r\nContent-Length: 6\r\n"
                        + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\nsecret")
                let upstream = try await replica.accept()
                _ = try await upstream.readMessage()
                try await upstream.send("HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n")
                try await upstream.send("4\r\nsecr\r\n2\r\net\r\n0\r\n\r\n")
                #expect(try await client.readMessage().body == "secret")
                #expect(
                    try await sink.wait(1) == [
                        Self.line(
                            ",\"method\":\"PUT\",\"path\":\"/function/f/a%20b\","
                                + "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
                                + "\"user_agent\":\"curl/8 \\\"x\\\"\","
                                + "\"function\":\"f.openfaas-fn\",\"call_id\":\"id-1\"",
                            "\"replica\":\"f-1\",\"status\":201,\"bytes_in\":6,\"bytes_out\":6,\"duration_ms\":*")
                    ])
                // Nothing of the first request is left in the line of the second.
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end")
                try await upstream.close()
                #expect(try await client.readMessage().body == "until the end")
                #expect(
                    try await sink.wait(2)[1]
                        == Self.call(
                            "GET", "/function/f",
                            "\"replica\":\"f-1\",\"status\":200,\"bytes_in\":0,\"bytes_out\":13,\"duration_ms\":*"))
            }
        }
    }

    @Test func chunkedRequestAndTunnel() async throws {
        let sink = RecordingSink()
        try await ProxyFixture.with(loops: 1, accessLog: sink) { proxy in
            try await Replica.with(id: "f-1") { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(
                    "POST /function/f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await client.send("2\r\nde\r\n0\r\nT: x\r\n\r\n")
                #expect(try await upstream.read(20) == "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                try await upstream.send("HTTP/1.1 204 Nothing\r\n\r\n")
                _ = try await client.readHead()
                try await client.send(
                    "GET /function/f/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nabcd")
                _ = try await client.readHead()
                #expect(try await client.read(4) == "abcd")
                try await client.send("xyz")
                #expect(try await upstream.read(3) == "xyz")
                try await client.close()
                let replica = "\"replica\":\"f-1\""
                #expect(
                    try await sink.wait(2) == [
                        Self.call(
                            "POST", "/function/f",
                            "\(replica),\"status\":204,\"bytes_in\":5,\"bytes_out\":0,\"duration_ms\":*"),
                        Self.call(
                            "GET", "/function/f/ws",
                            "\(replica),\"status\":101,\"bytes_in\":3,\"bytes_out\":4,\"duration_ms\":*"),
                    ])
            }
        }
    }

    @Test func answersOfTheProxyItself() async throws {
        let sink = RecordingSink()
        try await ProxyFixture.with(loops: 1, accessLog: sink, limits: { $0.maxBodyBytes = 3 }) { proxy in
            try await proxy.publish(.stopped(reason: "off"))
            let client = try await proxy.connect()
            for request in [
                "GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n0123",
                "GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /system/functions?q HTTP/1.1\r\nHost: a\r\nX-Call-Id: c\r\nContent-Length: 4\r\n\r\n0123",
                "BAD\r\n\r\n",
            ] {
                try await client.send(request)
                _ = try await client.readMessage()
            }
            let sizes = "\"bytes_in\":0,\"bytes_out\""
            let limit =
                "the request's body is longer than 3 bytes: body-bytes; send less, or send it in several requests\n"
            let missing = "error finding function none.openfaas-fn: function not found"
            let malformed = "malformed request line: it must be METHOD TARGET HTTP/1.1\n"
            let ends = [limit, missing, malformed].map { "\(sizes):\($0.utf8.count),\"duration_ms\":*" }
            #expect(
                try await sink.wait(5) == [
                    Self.call("GET", "/function/f", "\"status\":503,\(sizes):4,\"duration_ms\":*"),
                    Self.call("POST", "/function/f", "\"status\":413,\(ends[0]),\"limit\":\"body-bytes\""),
                    Self.line(",\"method\":\"GET\",\"path\":\"/function/none\"", "\"status\":404,\(ends[1])"),
                    Self.line(
                        ",\"method\":\"POST\",\"path\":\"/system/functions\",\"call_id\":\"c\"",
                        "\"status\":200,\"bytes_in\":4,\"bytes_out\":7,\"duration_ms\":*"),
                    Self.line("", "\"status\":400,\(ends[2])"),
                ])
        }
    }

    @Test func limitsAndClientsThatLeave() async throws {
        let sink = RecordingSink()
        let change: (inout ProxyLimits) -> Void = { $0.readTimeout = .milliseconds(300) }
        let reading = ClosureFallback { request, _ in for try await _ in request.body {} }
        try await ProxyFixture.with(loops: 1, accessLog: sink, fallback: reading, limits: change) { proxy in
            try await Replica.with(id: "f-1") { replica in
                try await proxy.publish(replica, timeout: .milliseconds(300))
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try await client.readMessage().body.utf8.count
                let end = "\"duration_ms\":*,\"limit\":\"upstream-timeout\""
                #expect(
                    try await sink.wait(1) == [
                        Self.call(
                            "GET", "/function/f",
                            "\"replica\":\"f-1\",\"status\":504,\"bytes_in\":0,\"bytes_out\":\(text),\(end)")
                    ])
                try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n01")
                let body = try await client.readMessage().body.utf8.count
                #expect(
                    try await sink.wait(2)[1]
                        == Self.line(
                            ",\"method\":\"POST\",\"path\":\"/x\"",
                            "\"status\":408,\"bytes_in\":2,\"bytes_out\":\(body),\"duration_ms\":*,"
                                + "\"limit\":\"read-timeout\""))
                for target in ["/function/f", "/x"] {
                    let next = try await proxy.connect()
                    try await next.send("POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n01")
                    try await next.close()
                }
                #expect(try await sink.wait(4).filter { $0.contains("\"status\":499") }.count == 2)
            }
        }
        #expect(sink.lines.count == 4)
    }

    /// Lines are handed over whole, and none is lost when the proxy shuts down.
    @Test func linesAreHandedOverTogetherAndToTheLast() async throws {
        let sink = RecordingSink()
        let path = "/function/f/" + String(repeating: "x", count: 900)
        try await ProxyFixture.with(loops: 1, accessLog: sink) { proxy in
            try await proxy.publish(.stopped(reason: "off"))
            let client = try await proxy.connect()
            try await client.send(String(repeating: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
            for _ in 0..<100 { _ = try await client.readMessage() }
            try await eventually("lines are handed over") { sink.handedOver.contains { $0.utf8.count > 32_768 } }
            try await proxy.publish(.waiting)
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
        }
        #expect(sink.handedOver.allSatisfy { $0.hasSuffix("}\n") && $0.utf8.count < 36_000 })
        #expect(sink.lines.count == 101)
        #expect(sink.lines.last?.contains("\"status\":499") == true)
    }
}
