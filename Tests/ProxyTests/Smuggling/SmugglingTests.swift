import NIOCore
import Testing

@testable import Proxy

/// Requests that two parties could understand differently, with another request hidden behind each: over real
/// connections, with a replica that would see it.
@Suite struct SmugglingTests {
    private static let hidden = "GET /function/f/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func withFunction(_ body: (ProxyFixture, Replica) async throws -> Void) async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                try await body(proxy, replica)
            }
        }
    }

    /// One answer, the end, and nothing at the replica.
    private static func expectRefusal(
        _ request: RefusedRequest, _ client: RawConnection, _ replica: Replica
    ) async throws {
        let answer = try await client.readMessage()
        #expect(answer.status == request.status)
        #expect(answer.fields("connection") == ["close"])
        #expect(try await client.isAtEnd(), "the request behind it was answered")
        #expect(replica.acceptedCount == 0, "the replica was called")
        try? await client.close()
    }

    @Test(arguments: RefusedRequest.small + RefusedRequest.large)
    func refusedAndNothingBehindItIsAnswered(_ request: RefusedRequest) async throws {
        try await Self.withFunction { proxy, replica in
            let client = try await proxy.connect()
            try await client.send(request.bytes + Self.hidden)
            try await Self.expectRefusal(request, client, replica)
        }
    }

    @Test func refusedByteByByte() async throws {
        try await Self.withFunction { proxy, replica in
            for request in RefusedRequest.small {
                let client = try await proxy.connect()
                for byte in Array((request.bytes + Self.hidden).utf8) {
                    // The proxy stops reading when it has seen enough.
                    try? await client.send(ByteBuffer(bytes: [byte]))
                }
                try await Self.expectRefusal(request, client, replica)
            }
        }
    }

    /// Requests that are odd but have one meaning: the replica gets it, and nothing else.
    struct Accepted: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String
        let startLine: String
        var body = ""
        var fields: [String: [String]] = [:]

        var testDescription: String { name }

        static func post(_ name: String, _ fields: String, _ bytes: String, body: String) -> Accepted {
            Accepted(
                name: name, bytes: "POST /function/f HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(bytes)",
                startLine: "POST / HTTP/1.1", body: body)
        }

        static let all = [
            post("two equal lengths", "Content-Length: 5\r\nContent-Length: 5", "hello", body: "hello"),
            post("a length with zeros before it", "Content-Length: 0005", "hello", body: "hello"),
            post("a length between tabs", "Content-Length:\t5\t", "hello", body: "hello"),
            post("chunked between spaces", "Transfer-Encoding:  chunked  ", "5\r\nhello\r\n0\r\n\r\n", body: "hello"),
            post("chunked in capitals", "TRANSFER-ENCODING: CHUNKED", "5\r\nhello\r\n0\r\n\r\n", body: "hello"),
            post("an extension", "Transfer-Encoding: chunked", "5;a=\"b;\"\r\nhello\r\n0;c\r\n\r\n", body: "hello"),
            post("zeros before a size", "Transfer-Encoding: chunked", "0005\r\nhello\r\n000\r\n\r\n", body: "hello"),
            post(
                "trailers with framing", "Transfer-Encoding: chunked",
                "5\r\nhello\r\n0\r\nContent-Length: 9\r\nHost: b\r\n\r\n", body: "hello"),
            post(
                "Connection names the framing", "Connection: content-length\r\nContent-Length: 5", "hello",
                body: "hello"),
            post(
                "Connection names the coding", "Connection: transfer-encoding\r\nTransfer-Encoding: chunked",
                "5\r\nhello\r\n0\r\n\r\n", body: "hello"),
            Accepted(
                name: "absolute form with another Host",
                bytes: "GET http://b:81/function/f/x HTTP/1.1\r\nHost: a\r\n\r\n", startLine: "GET /x HTTP/1.1",
                fields: ["x-forwarded-host": ["b:81"]]),
            Accepted(
                name: "a method in lower case", bytes: "get /function/f HTTP/1.1\r\nHost: a\r\n\r\n",
                startLine: "get / HTTP/1.1"),
            Accepted(
                name: "a method of 32 letters",
                bytes: String(repeating: "M", count: 32) + " /function/f HTTP/1.1\r\nHost: a\r\n\r\n",
                startLine: String(repeating: "M", count: 32) + " / HTTP/1.1"),
            Accepted(
                name: "an empty line before it", bytes: "\r\nGET /function/f HTTP/1.1\r\nHost: a\r\n\r\n",
                startLine: "GET / HTTP/1.1"),
            Accepted(
                name: "an encoded line end in the target",
                bytes: "GET /function/f/%0d%0aX:%20y HTTP/1.1\r\nHost: a\r\n\r\n",
                startLine: "GET /%0d%0aX:%20y HTTP/1.1"),
        ]
    }

    @Test(arguments: Accepted.all, [false, true])
    func acceptedAsOneRequestWithOneFraming(_ request: Accepted, byteByByte: Bool) async throws {
        try await Self.withFunction { proxy, replica in
            let client = try await proxy.connect()
            let bytes = Array((request.bytes + Self.hidden).utf8)
            if byteByByte {
                for byte in bytes { try await client.send(ByteBuffer(bytes: [byte])) }
            } else {
                try await client.send(ByteBuffer(bytes: bytes))
            }
            let upstream = try await replica.accept()
            let seen = try await upstream.readMessage()
            #expect(seen.startLine == request.startLine)
            #expect(seen.body == request.body)
            let naive = try NaiveHead(Array(seen.head.utf8))
            #expect(naive.values("host") == [replica.hostField])
            #expect(naive.values("content-length").count + naive.values("transfer-encoding").count <= 1)
            #expect(naive.values("connection") == [])
            for (name, values) in request.fields { #expect(naive.values(name) == values) }
            try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.readMessage().status == 200)
            // What stands behind it is a request of its own, and has its own answer.
            #expect(try await upstream.readMessage().startLine == "GET /smuggled HTTP/1.1")
            try await upstream.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.readMessage().status == 201)
        }
    }

    @Test func starIsForTheControlPlane() async throws {
        try await Self.withFunction { proxy, replica in
            let client = try await proxy.connect()
            try await client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().body == "control")
            #expect(replica.acceptedCount == 0)
        }
    }
}
