import NIOCore
import Testing

@testable import Proxy

/// Connections of which one side sends nothing more, at moments when more is expected.
@Suite struct HalfClosedTests {
    /// What a client has sent when it ends its sending side.
    static let unfinished = [
        "", "G", "GET /function/f HTTP/1.1\r\n", "GET /function/f HTTP/1.1\r\nHost: a\r\n",
        "GET /function/f HTTP/1.1\r\nHost: a\r\n\r", "\r\n",
    ]

    @Test(arguments: unfinished) func clientWithoutAWholeHead(_ bytes: String) async throws {
        try await Self.withPair { client, upstream, replicas, port in
            if !bytes.isEmpty { try await client.send(bytes) }
            try await client.closeOutput()
            #expect(try await client.isAtEnd())
            #expect(replicas.acceptedCount == 0)
            try await Self.serve(port, upstream)
        }
    }

    @Test(arguments: ["Content-Length: 10\r\n\r\n01234", "Transfer-Encoding: chunked\r\n\r\na\r\n01234"])
    func clientWithoutAWholeBody(_ rest: String) async throws {
        try await Self.withPair { client, upstream, _, port in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\n\(rest)")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await client.closeOutput()
            let seen = try await replica.readToEnd()
            #expect(seen.hasSuffix("01234"), "the replica got more than was sent")
            #expect(try await client.isAtEnd())
            try await Self.serve(port, upstream)
        }
    }

    @Test(arguments: ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"])
    func replicaBehindItsAnswer(_ rest: String) async throws {
        try await Self.withPair { client, upstream, _, port in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 200 OK\r\n\(rest)")
            try await replica.closeOutput()
            #expect(try await client.readMessage().body == "hello")
            #expect(try await replica.isAtEnd())
            try await Self.serve(port, upstream)
        }
    }

    @Test func replicaWhoseAnswerEndsThere() async throws {
        try await Self.withPair { client, upstream, _, port in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 200 OK\r\n\r\nhello")
            try await replica.closeOutput()
            #expect(try await client.readMessage().body == "hello")
            #expect(try await replica.isAtEnd())
            try await Self.serve(port, upstream)
        }
    }

    @Test(arguments: ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"])
    func replicaWithoutAWholeHead(_ bytes: String) async throws {
        try await Self.withPair { client, upstream, _, port in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            let replica = try await upstream()
            _ = try await replica.readMessage()
            if !bytes.isEmpty { try await replica.send(bytes) }
            try await replica.closeOutput()
            #expect(try await client.readMessage().status == 502)
            #expect(try await replica.isAtEnd())
            try await Self.serve(port, upstream)
        }
    }

    /// A client, the replica's connections, and where the proxy listens.
    private static func withPair(
        _ body: (RawConnection, @escaping () async throws -> RawConnection, Replica, Int) async throws -> Void
    ) async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                try await body(try await proxy.connect(), { try await replica.accept() }, replica, proxy.port)
            }
        }
    }

    /// A client is served after what has happened, on connections of its own.
    static func serve(_ port: Int, _ upstream: () async throws -> RawConnection) async throws {
        let next = try await RawConnection.connect(port: port)
        try await next.send("GET /function/f/next HTTP/1.1\r\nHost: a\r\n\r\n")
        let replica = try await upstream()
        #expect(try await replica.readMessage().startLine == "GET /next HTTP/1.1")
        try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
        #expect(try await next.readMessage().body == "good")
        try await next.close()
    }
}
