import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// The control plane's way through the proxy.
@Suite struct FallbackTests {
    private static func with(
        limits: (inout ProxyLimits) -> Void = { _ in },
        _ fallback: @escaping @Sendable (FallbackRequest, FallbackWriter) async throws -> Void,
        _ body: (RawConnection) async throws -> Void
    ) async throws {
        try await ProxyFixture.with(loops: 2, fallback: ClosureFallback(fallback), limits: limits) { proxy in
            try await body(try await proxy.connect())
        }
    }

    private static func collect(_ body: FallbackBody) async throws -> String {
        var text = ""
        for try await piece in body { text += String(buffer: piece) }
        return text
    }

    @Test func requestIsGivenAsText() async throws {
        let seen = NIOLockedState([String]())
        try await Self.with({ request, writer in
            let body = try await Self.collect(request.body)
            let lines = [
                request.method, request.target, request.remoteAddress ?? "", "\(request.body.contentLength ?? -1)",
                body,
            ]
            seen.with { $0 = lines + request.headers.map { "\($0.name)=\($0.value)" } }
            try await writer.respond(
                status: 201, headers: [("X-A", "b"), ("Connection", "x"), ("Keep-Alive", "y")],
                body: ByteBuffer(string: "made"))
        }) { client in
            try await client.send(
                "POST /system/x%20y?z HTTP/1.1\r\nHost: a\r\nX-B:  c \r\nContent-Length: 4\r\n\r\nbody")
            let answer = try await client.readMessage()
            #expect(answer.startLine == "HTTP/1.1 201 Created")
            #expect(answer.fields("x-a") == ["b"])
            #expect(answer.fields("connection") == [])
            #expect(answer.fields("keep-alive") == [])
            #expect(answer.fields("date").count == 1)
            #expect(answer.body == "made")
            #expect(
                seen.with { $0 } == [
                    "POST", "/system/x%20y?z", "127.0.0.1", "4", "body", "Host=a", "X-B=c", "Content-Length=4",
                ])
        }
    }

    @Test func answerIsStreamed() async throws {
        try await Self.with({ request, writer in
            try await writer.writeHead(status: 200, headers: [("Content-Type", "text/plain")])
            for try await piece in request.body { try await writer.write(piece) }
            try await writer.finish()
        }) { client in
            try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let head = try await client.readHead()
            #expect(Message(head: head, body: "").fields("transfer-encoding") == ["chunked"])
            for text in ["one", "three"] {
                let size = String(text.utf8.count, radix: 16)
                try await client.send("\(size)\r\n\(text)\r\n")
                #expect(try await client.read(5 + text.utf8.count) == "\(size)\r\n\(text)\r\n")
            }
            try await client.send("0\r\n\r\n")
            #expect(try await client.read(5) == "0\r\n\r\n")
            try await client.send("GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 404)
        }
    }

    @Test func oldClientGetsTheBodyUntilTheEnd() async throws {
        try await Self.with({ _, writer in
            try await writer.writeHead(status: 200)
            try await writer.write(ByteBuffer(string: "text"))
            try await writer.finish()
        }) { client in
            try await client.send("GET /x HTTP/1.0\r\n\r\n")
            let head = try await client.readHead()
            #expect(Message(head: head, body: "").fields("connection") == ["close"])
            #expect(try await client.readToEnd() == "text")
        }
    }

    @Test func headHasNoBody() async throws {
        try await Self.with({ _, writer in
            try await writer.respond(status: 200, body: ByteBuffer(string: "text"))
        }) { client in
            for _ in 0..<2 {
                try await client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await client.readMessage(hasBody: false)
                #expect(answer.fields("content-length") == ["4"])
            }
        }
    }

    @Test func unansweredRequestIs500() async throws {
        try await Self.with({ _, _ in }) { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\nGET /y HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 500)
            #expect(try await client.readMessage().status == 500)
        }
    }

    @Test func unfinishedAnswerIsCutVisibly() async throws {
        try await Self.with({ request, writer in
            try await writer.writeHead(status: 200)
            try await writer.write(ByteBuffer(string: "half"))
        }) { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.readHead()
            #expect(try await client.readToEnd() == "4\r\nhalf\r\n")
        }
    }

    @Test func brokenContractsAreTold() async throws {
        let codes = NIOLockedState([ProxyError.Code]())
        try await Self.with({ _, writer in
            let attempts: [@Sendable () async throws -> Void] = [
                { try await writer.write(ByteBuffer(string: "x")) },
                { try await writer.finish() },
                { try await writer.writeHead(status: 200, headers: [("A", "b\r\nc: d")]) },
                { try await writer.writeHead(status: 99) },
                { try await writer.writeHead(status: 200, headers: [("Content-Length", "2")]) },
                { try await writer.writeHead(status: 200) },
                { try await writer.finish() },
                { try await writer.write(ByteBuffer(string: "abc")) },
                { try await writer.write(ByteBuffer(string: "ab")) },
                { try await writer.finish() },
                { try await writer.finish() },
            ]
            for attempt in attempts {
                do { try await attempt() } catch let error as ProxyError { codes.with { $0.append(error.code) } }
            }
        }) { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().body == "ab")
            // The last attempt comes after the answer.
            try await eventually("all attempts were made") { codes.with { $0 }.count == 8 }
            #expect(codes.with { $0 }.allSatisfy { $0 == .writerMisused })
        }
    }

    @Test func unreadBodyIsDroppedIfSmallAndEndsTheConnectionIfLarge() async throws {
        try await Self.with({ _, writer in
            try await writer.respond(status: 401, body: ByteBuffer(string: "no"))
        }) { client in
            let body = String(repeating: "x", count: 100_000)
            try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(body)")
            #expect(try await client.readMessage().status == 401)
            try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n\(body)")
            #expect(try await client.readMessage().body == "no")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func continueIsSentWhenTheBodyIsWanted() async throws {
        try await Self.with({ request, writer in
            guard request.target == "/wanted" else {
                try await writer.respond(status: 401)
                return
            }
            let body = try await Self.collect(request.body)
            try await writer.respond(status: 200, body: ByteBuffer(string: body))
        }) { client in
            let fields = "HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            try await client.send("PUT /wanted \(fields)")
            #expect(try await client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("body")
            #expect(try await client.readMessage().body == "body")
            // Without it nobody knows whether the body will follow, so the connection ends.
            try await client.send("PUT /unwanted \(fields)")
            let refused = try await client.readMessage()
            #expect(refused.status == 401)
            #expect(refused.fields("connection") == ["close"])
            #expect(try await client.isAtEnd())
        }
    }

    @Test func clientThatGoesAwayCancelsTheTask() async throws {
        let ended = NIOLockedState([String]())
        try await Self.with({ request, writer in
            try await writer.writeHead(status: 200)
            do {
                // Ends by cancellation only.
                try await Task.sleep(for: .seconds(3600))
            } catch {
                ended.with { $0.append("\(error is CancellationError)") }
            }
            do { try await writer.write(ByteBuffer(string: "x")) } catch let error as ProxyError {
                ended.with { $0.append("\(error.code)") }
            }
        }) { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.readHead()
            try await client.close()
            try await eventually("the task has ended") { ended.with { $0 } == ["true", "connectionClosed"] }
        }
    }

    @Test func malformedBodyIsToldToTheReader() async throws {
        try await Self.with({ request, writer in
            do {
                _ = try await Self.collect(request.body)
                try await writer.respond(status: 200)
            } catch is ProxyError {
                try await writer.respond(status: 400)
            }
        }) { client in
            try await client.send(
                "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nGET / HTTP/1.1\r\n\r\n")
            let answer = try await client.readMessage()
            #expect(answer.status == 400)
            #expect(answer.fields("connection") == ["close"])
            #expect(try await client.isAtEnd())
        }
    }

    @Test func slowReaderHoldsTheClient() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await Self.with({ request, writer in
            for await _ in gate {}
            var count = 0
            for try await piece in request.body { count += piece.readableBytes }
            try await writer.respond(status: 200, body: ByteBuffer(string: "\(count)"))
        }) { client in
            let total = 64 * 1024 * 1024
            try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
            let piece = ByteBuffer(repeating: 0x61, count: 1024 * 1024)
            try await StreamingTests.flood(client, with: piece, total: total) { held in
                #expect(held < 16 * 1024 * 1024)
                open.finish()
                let answer = try await client.readMessage()
                #expect(answer.body == "\(total)")
            }
        }
    }

    @Test func slowClientHoldsTheWriter() async throws {
        let written = NIOLockedState(0)
        let total = 64 * 1024 * 1024
        try await Self.with({ request, writer in
            try await writer.writeHead(status: 200, headers: [("Content-Length", "\(total)")])
            let piece = ByteBuffer(repeating: 0x61, count: 64 * 1024)
            for _ in 0..<(total / piece.readableBytes) {
                try await writer.write(piece)
                written.with { $0 += piece.readableBytes }
            }
            try await writer.finish()
        }) { client in
            try await client.setReading(false)
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            try await StreamingTests.untilStill { written.with { $0 } }
            #expect(written.with { $0 } < 16 * 1024 * 1024)
            try await client.setReading(true)
            _ = try await client.readHead()
            try await client.drop(total)
        }
    }
}
