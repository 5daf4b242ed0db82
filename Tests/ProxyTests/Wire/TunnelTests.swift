import NIOCore
import Testing

@testable import Proxy

/// WebSockets, which become a tunnel for bytes once the replica has agreed.
@Suite struct TunnelTests {
    private static let upgrade =
        "GET /function/f/ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

    private static func withTunnel(
        early: String = "", limits: (inout ProxyLimits) -> Void = { _ in },
        _ body: (RawConnection, RawConnection) async throws -> Void
    ) async throws {
        try await FramingTests.withPair(limits: limits) { client, upstream, _ in
            try await client.send(upgrade + early)
            let replica = try await upstream()
            let request = try await replica.readMessage()
            #expect(request.fields("connection") == ["Upgrade"])
            #expect(request.fields("upgrade") == ["websocket"])
            #expect(request.fields("sec-websocket-version") == ["13"])
            try await replica.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: x\r\n\r\nfrom the replica")
            let answer = try await client.readMessage(hasBody: false)
            #expect(answer.status == 101)
            #expect(answer.fields("connection") == ["Upgrade"])
            #expect(answer.fields("upgrade") == ["websocket"])
            #expect(answer.fields("sec-websocket-accept") == ["x"])
            #expect(try await client.read(16) == "from the replica")
            try await body(client, replica)
        }
    }

    @Test func bytesGoBothWays() async throws {
        try await Self.withTunnel(early: "early") { client, replica in
            #expect(try await replica.read(5) == "early")
            for number in 0..<10 {
                try await client.send("GET /\(number) HTTP/1.1\r\n\r\n")
                #expect(try await replica.read(19) == "GET /\(number) HTTP/1.1\r\n\r\n")
                try await replica.send("frame \(number)")
                #expect(try await client.read(7) == "frame \(number)")
            }
        }
    }

    @Test func replicasLastBytesReachTheClient() async throws {
        try await Self.withTunnel { client, replica in
            try await replica.send("last")
            try await replica.close()
            #expect(try await client.readToEnd() == "last")
        }
    }

    @Test func clientsLastBytesReachTheReplica() async throws {
        try await Self.withTunnel { client, replica in
            try await client.send("last")
            try await client.close()
            #expect(try await replica.readToEnd() == "last")
        }
    }

    @Test func silentTunnelIsClosed() async throws {
        try await Self.withTunnel(limits: { $0.tunnelTimeout = .milliseconds(300) }) { client, replica in
            let ended = [try await client.isAtEnd(), try await replica.isAtEnd()]
            #expect(ended == [true, true])
        }
    }

    @Test func replicaMayDecline() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send(Self.upgrade)
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno")
            #expect(try await client.readMessage().body == "no")
            try await client.send("GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 404)
        }
    }

    @Test(arguments: [
        "POST /function/f HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
        "GET /function/f HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "GET /function/f HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
    ])
    func otherUpgradesAreNotForwarded(_ request: String) async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send(request)
            let replica = try await upstream()
            let seen = try await replica.readMessage()
            #expect(seen.fields("upgrade") == [])
            #expect(seen.fields("connection") == [])
        }
    }
}
