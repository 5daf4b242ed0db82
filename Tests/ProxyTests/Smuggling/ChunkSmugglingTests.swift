import NIOCore
import Testing

@testable import Proxy

/// Bodies whose chunks two parties could understand differently. Their head was good, so the replica has seen it; it must
/// not get a whole request out of it, nor what is hidden behind.
@Suite struct ChunkSmugglingTests {
    struct Body: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String

        var testDescription: String { name }

        init(_ name: String, _ bytes: String) {
            self.name = name
            self.bytes = bytes
        }
    }

    static let bodies = [
        Body("a size of 2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        Body("a size of 2^63", "8000000000000000\r\nhello\r\n0\r\n\r\n"),
        Body("a size of 2^64 - 1", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        Body("a size of sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n"),
        Body("a size with a minus", "-5\r\nhello\r\n0\r\n\r\n"), Body("a size with a plus", "+5\r\nhello\r\n0\r\n\r\n"),
        Body("a size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
        Body("a size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
        Body("a space before a size", " 5\r\nhello\r\n0\r\n\r\n"),
        Body("a space behind a size", "5 \r\nhello\r\n0\r\n\r\n"),
        Body("a tab behind a size", "5\t;a\r\nhello\r\n0\r\n\r\n"), Body("an empty size", "\r\nhello\r\n0\r\n\r\n"),
        Body("only an extension", ";a\r\nhello\r\n0\r\n\r\n"),
        Body("a bare line feed behind a size", "5\nhello\r\n0\r\n\r\n"),
        Body("a bare carriage return behind a size", "5\rhello\r\n0\r\n\r\n"),
        Body("a bare line feed behind the content", "5\r\nhello\n0\r\n\r\n"),
        Body("no line end behind the content", "5\r\nhello0\r\n\r\n"),
        Body("content longer than its size", "5\r\nhello!\r\n0\r\n\r\n"),
        Body("a bare line feed in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        Body("a bare carriage return in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        Body("NUL in an extension", "5;\u{0}\r\nhello\r\n0\r\n\r\n"),
        Body("an extension of 10 kB", "5;" + String(repeating: "x", count: 10_000) + "\r\nhello\r\n0\r\n\r\n"),
        Body("a bare line feed behind the last chunk", "0\n\r\n"), Body("a bare line feed at the end", "0\r\n\n"),
        Body("NUL in a trailer", "0\r\nA: \u{0}\r\n\r\n"), Body("a bare line feed in a trailer", "0\r\nA: b\n\r\n"),
        Body("trailers of 100 kB", "0\r\n" + String(repeating: "A: bcdefgh\r\n", count: 9_000) + "\r\n"),
    ]

    private static let head = "POST /function/f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let hidden = "GET /function/f/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: bodies, [false, true])
    func refusedAndNothingBehindItIsSeen(_ body: Body, afterTheHead: Bool) async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            let rest = body.bytes + Self.hidden
            try await client.send(afterTheHead ? Self.head : Self.head + rest)
            let replica = try await upstream()
            if afterTheHead {
                let seen = try await replica.readHead()
                #expect(try NaiveHead(Array(seen.utf8)).values("transfer-encoding") == ["chunked"])
                try await client.send(rest)
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 400)
            #expect(answer.fields("connection") == ["close"])
            #expect(try await client.isAtEnd())
            // Of a body that came with its head the replica may have seen nothing at all.
            let seen = try await replica.readToEnd()
            #expect(!seen.contains("smuggled"))
            #expect(!seen.hasSuffix("0\r\n\r\n"), "the replica got a whole request")
            #expect(replicas.acceptedCount == 1)
        }
    }
}
