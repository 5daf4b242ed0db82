import NIOCore
import Testing

@testable import Proxy

/// Replicas that answer against the rules: the client is not fooled, the connection is not used again, and the next
/// client is served as if nothing had happened.
@Suite struct HostileReplicaTests {
    /// What the client must see.
    enum Outcome: Sendable {
        /// An answer of the proxy with this status.
        case refused(Int)
        /// The replica's status, and an end before the body is whole.
        case cut
        /// The replica's status and this body, without what the replica sent beyond it.
        case answered(Int, String)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String
        let outcome: Outcome
        /// Whether the replica closes behind it.
        let closes: Bool

        var testDescription: String { name }

        init(_ name: String, _ bytes: String, _ outcome: Outcome = .refused(502), closes: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.outcome = outcome
            self.closes = closes
        }

        /// An answer with status 200 and these fields.
        static func ok(
            _ name: String, _ fields: String, _ body: String = "", _ outcome: Outcome = .refused(502),
            closes: Bool = false
        ) -> Answer {
            Answer(name, "HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n\(body)", outcome, closes: closes)
        }
    }

    static let framings: [Answer] = [
        .ok("a length, then chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        .ok("chunks, then a length", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        .ok("two different lengths", "Content-Length: 5\r\nContent-Length: 6", "hello"),
        .ok("a list of lengths", "Content-Length: 5, 5", "hello"),
        .ok("a length with a plus", "Content-Length: +5", "hello"),
        .ok("a length with a minus", "Content-Length: -5", "hello"),
        .ok("a length of 2^64 + 5", "Content-Length: 18446744073709551621", "hello"),
        .ok("an unknown coding", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
        .ok("chunked with a vertical tab", "Transfer-Encoding: \u{B}chunked", "0\r\n\r\n"),
        .ok("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        .ok("a space before the colon", "Content-Length : 5", "hello"),
    ]

    static let heads: [Answer] = [
        Answer("status 099", "HTTP/1.1 099 X\r\n\r\n"), Answer("status 1000", "HTTP/1.1 1000 X\r\n\r\n"),
        Answer("status 20", "HTTP/1.1 20 X\r\n\r\n"), Answer("status in letters", "HTTP/1.1 abc X\r\n\r\n"),
        Answer("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n"), Answer("no HTTP", "SSH-2.0-x\r\n"),
        Answer("a request as an answer", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Answer("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        Answer("an empty line before it", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        .ok("a bare carriage return in a value", "X: a\rSet-Cookie: b\r\nContent-Length: 0"),
        .ok("a folded field", "X: a\r\n b\r\nContent-Length: 0"), .ok("NUL in a value", "X: a\u{0}b"),
        .ok("a field without a colon", "X"),
        .ok("10,000 fields", String(repeating: "A: b\r\n", count: 9_999) + "A: b"),
        .ok("a field of 100 kB", "X: " + String(repeating: "x", count: 100_000)),
        Answer(
            "a head without an end",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "A: \(String(repeating: "x", count: 1000))\r\n", count: 100)),
        Answer("a head that is cut off", "HTTP/1.1 200 OK\r\nContent-Le", closes: true),
        Answer("nothing", "", closes: true),
        Answer("interim answers without an end", String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: 1_000)),
        Answer("100 Continue without an end", String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1_000)),
        Answer("another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
    ]

    static let bodies: [Answer] = [
        .ok(
            "two equal lengths", "Content-Length: 5\r\nContent-Length: 5\r\nConnection: close", "hello",
            .answered(200, "hello")),
        .ok("a body longer than its length", "Content-Length: 5", "hello, world", .answered(200, "hello")),
        .ok("a body shorter than its length", "Content-Length: 50", "hello", .cut, closes: true),
        .ok(
            "two answers", "Content-Length: 5", "helloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            .answered(200, "hello")),
        .ok(
            "bytes behind the last chunk", "Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\nevil",
            .answered(200, "hello")),
        .ok("chunks that are cut off", "Transfer-Encoding: chunked", "5\r\nhel", .cut, closes: true),
        .ok("no last chunk", "Transfer-Encoding: chunked", "5\r\nhello\r\n", .cut, closes: true),
        .ok("a size of 2^64", "Transfer-Encoding: chunked", "10000000000000000\r\nhello", .cut),
        .ok("a bare line feed behind a size", "Transfer-Encoding: chunked", "5\nhello\r\n0\r\n\r\n", .cut),
        .ok("no line end behind a chunk", "Transfer-Encoding: chunked", "5\r\nhello0\r\n\r\n", .cut),
        Answer("a body of 204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", .answered(204, "")),
        Answer("a body of 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", .answered(304, "")),
        Answer(
            "chunks of HTTP/1.0 that shall stay open",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            .answered(200, "hello")),
    ]

    @Test(arguments: framings + heads + bodies)
    func isNotPassedOnAndTheNextClientIsServed(_ answer: Answer) async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            // The proxy may close before all of it is sent.
            try? await replica.send(answer.bytes)
            if answer.closes { try await replica.close() }
            try await Self.expect(answer.outcome, client)
            #expect(try await replica.isAtEnd(), "the connection is kept")
            // The call that follows gets a connection of its own, and its own answer.
            let next = try await RawConnection.connect(port: client.channel.remoteAddress?.port ?? 0)
            try await next.send("GET /function/f/next HTTP/1.1\r\nHost: a\r\n\r\n")
            let fresh = try await upstream()
            #expect(try await fresh.readMessage().startLine == "GET /next HTTP/1.1")
            try await fresh.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
            #expect(try await next.readMessage().body == "good")
            #expect(replicas.acceptedCount == 2)
        }
    }

    private static func expect(_ outcome: Outcome, _ client: RawConnection) async throws {
        // Interim answers are no answers.
        var message: Message
        repeat { message = try await client.readMessage(hasBody: false) } while message.status == 103
        switch outcome {
        case .refused(let status):
            #expect(message.status == status)
            #expect(message.fields("x-openfaas-internal") == ["proxy"])
        case .cut:
            #expect(message.status == 200)
            let rest = try await client.readToEnd()
            #expect(!rest.hasSuffix("0\r\n\r\n"))
            #expect(rest.utf8.count < 50)
        case .answered(let status, let body):
            #expect(message.status == status)
            guard !body.isEmpty else { return }
            let isChunked = message.field("transfer-encoding") == "chunked"
            let framed = isChunked ? "\(body.utf8.count)\r\n\(body)\r\n0\r\n\r\n" : body
            #expect(try await client.read(framed.utf8.count) == framed)
        }
    }

    /// Bytes that trickle keep nobody waiting: the limit is for the whole head.
    @Test func drippingHeadIsGivenUp() async throws {
        try await FramingTests.withPair(limits: { $0.upstreamTimeout = .milliseconds(500) }) { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 200 OK\r\nX: ")
            async let answer = client.readMessage()
            while (try? await replica.send("x")) != nil { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await answer.status == 504)
        }
    }

    /// An answer may be there before the request is sent. It belongs to the first call; a second one is nobody's.
    @Test func answersBeforeTheRequest() async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
            let replica = try await upstream()
            let early = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly"
            try await replica.send(early + early)
            #expect(try await client.readMessage().body == "early")
            #expect(try await replica.readToEnd().hasSuffix("\r\n\r\nhe"))
            try await client.send("lloGET /function/f/next HTTP/1.1\r\nHost: a\r\n\r\n")
            let fresh = try await upstream()
            #expect(try await fresh.readMessage().startLine == "GET /next HTTP/1.1")
            try await fresh.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
            #expect(try await client.readMessage().body == "good")
            #expect(replicas.acceptedCount == 2)
        }
    }

    /// A body that may not be there comes late: whoever calls next must not get it.
    @Test func lateBodyOfAnAnswerWithoutOne() async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 204 No Content\r\nContent-Length: 42\r\n\r\n")
            #expect(try await client.readMessage(hasBody: false).status == 204)
            #expect(try await replica.isAtEnd())
            try? await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let fresh = try await upstream()
            _ = try await fresh.readHead()
            try await fresh.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
            #expect(try await client.readMessage().body == "good")
            #expect(replicas.acceptedCount == 2)
        }
    }
}
