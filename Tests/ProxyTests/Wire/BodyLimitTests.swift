import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// The longest body of a call.
@Suite struct BodyLimitTests {
    private static let text =
        "the request's body is longer than 10 bytes: body-bytes; send less, or send it in several requests"

    private static func limits(_ limits: inout ProxyLimits) { limits.maxBodyBytes = 10 }

    private static func post(_ fields: String, _ body: String) -> String {
        "POST /function/f HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    @Test func announcedLengthIsRefusedBeforeAReplicaSeesAnything() async throws {
        try await FramingTests.withPair(limits: Self.limits) { client, upstream, replica in
            try await client.send(Self.post("Content-Length: 11", "0123456789a"))
            LimitTests.expect(try await client.readMessage(), .bodyBytes, Self.text)
            // The little that was too much is dropped, and the connection goes on.
            try await client.send(Self.post("Content-Length: 10", "0123456789"))
            let replicaSide = try await upstream()
            #expect(try await replicaSide.readMessage().body == "0123456789")
            #expect(replica.acceptedCount == 1)
        }
    }

    @Test func clientThatAsksFirstIsNotToldToSend() async throws {
        try await FramingTests.withPair(limits: Self.limits) { client, _, replica in
            try await client.send(Self.post("Expect: 100-continue\r\nContent-Length: 11", ""))
            let answer = try await client.readMessage()
            LimitTests.expect(answer, .bodyBytes, Self.text)
            #expect(answer.fields("connection") == ["close"])
            #expect(try await client.isAtEnd())
            #expect(replica.acceptedCount == 0)
        }
    }

    /// The framing of chunks does not count; the content does, also when it comes in one piece with the head.
    @Test(arguments: [true, false])
    func chunkedBodyThatGrowsOverIt(inOnePiece: Bool) async throws {
        try await FramingTests.withPair(limits: Self.limits) { client, upstream, replica in
            let allowed = "5;extension=long\r\n01234\r\n5\r\n56789\r\n"
            try await client.send(Self.post("Transfer-Encoding: chunked", allowed + "0\r\n\r\n"))
            let first = try await upstream()
            #expect(try await first.readMessage().body == "0123456789")
            try await first.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.readMessage().body == "ok")
            if inOnePiece {
                try await client.send(Self.post("Transfer-Encoding: chunked", allowed + "1\r\na\r\n0\r\n\r\n"))
                #expect(try await first.isAtEnd())
            } else {
                try await client.send(Self.post("Transfer-Encoding: chunked", allowed))
                _ = try await first.readHead()
                #expect(try await first.read(allowed.utf8.count) == allowed)
                try await client.send("1\r\na\r\n0\r\n\r\n")
                #expect(try await first.isAtEnd())
            }
            LimitTests.expect(try await client.readMessage(), .bodyBytes, Self.text)
            #expect(try await client.isAtEnd())
            #expect(replica.acceptedCount == 1)
        }
    }

    @Test func callWhoseAnswerHasBegunIsCut() async throws {
        try await ProxyFixture.with(loops: 1, limits: Self.limits) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(Self.post("Transfer-Encoding: chunked", "5\r\n01234\r\n"))
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
                _ = try await client.readHead()
                #expect(try await client.read(5) == "01234")
                try await client.send("6\r\n56789a\r\n")
                #expect(try await client.isAtEnd())
                #expect(try await upstream.readToEnd() == "5\r\n01234\r\n")
                #expect(try await proxy.counters().statusCounts == [413: 1])
            }
        }
    }
}
