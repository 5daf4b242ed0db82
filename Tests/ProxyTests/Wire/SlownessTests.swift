import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Of two sides only the one that is slow pays for it.
@Suite(.serialized) struct SlownessTests {
    private static let total = 32 * 1024 * 1024
    private static let piece = ByteBuffer(repeating: 0x61, count: 1024 * 1024)

    /// Nothing happens for longer than the limits of these tests.
    private static func stayStill() async throws {
        for _ in 0..<3 { try await StreamingTests.untilStill { 0 } }
    }

    @Test func replicaThatTakesNoBodyIsNotTheClientsFault() async throws {
        try await FramingTests.withPair(limits: { $0.readTimeout = .milliseconds(500) }) { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.total)\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.setReading(false)
            try await StreamingTests.flood(client, with: Self.piece, total: Self.total) { _ in
                try await Self.stayStill()
                try await replica.setReading(true)
                try await replica.drop(Self.total)
            }
            try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.readMessage().body == "ok")
        }
    }

    @Test func silentClientIsCutOnceTheAnswerHasBegun() async throws {
        let sink = RecordingSink()
        let limits: (inout ProxyLimits) -> Void = { $0.readTimeout = .milliseconds(300) }
        try await ProxyFixture.with(loops: 1, accessLog: sink, limits: limits) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
                _ = try await client.readHead()
                #expect(try await client.readToEnd() == "01234")
                #expect(try await upstream.readToEnd() == "01234")
                #expect(try await proxy.counters().statusCounts == [408: 1])
                #expect(try await sink.wait(1)[0].hasSuffix("\"limit\":\"read-timeout\"}"))
            }
        }
    }

    @Test func replicaThatTakesNoBodyReachesItsOwnLimit() async throws {
        try await FramingTests.withPair(limits: { $0.upstreamTimeout = .milliseconds(500) }) { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.total)\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.setReading(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Ends when the proxy closes the connection.
                    while (try? await client.send(Self.piece)) != nil {}
                }
                let answer = try await client.readMessage()
                #expect(answer.status == 504)
                #expect(answer.fields("x-faasd-limit") == ["upstream-timeout"])
                #expect(answer.fields("connection") == ["close"])
                try await client.close()
                try await group.waitForAll()
            }
        }
    }

    @Test func clientThatTakesNoAnswerIsNotTheReplicasFault() async throws {
        try await FramingTests.withPair(limits: { $0.upstreamTimeout = .milliseconds(500) }) { client, upstream, _ in
            try await Self.beginAnswer(client, upstream) { replica in
                try await StreamingTests.flood(replica, with: Self.piece, total: Self.total) { _ in
                    try await Self.stayStill()
                    try await client.setReading(true)
                    try await client.drop(Self.total)
                }
            }
        }
    }

    @Test func clientThatTakesNoAnswerIsReset() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.writeTimeout = .milliseconds(500) }) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await Self.beginAnswer(client, { try await replica.accept() }) { upstream in
                    // Ends when the proxy closes the connection.
                    while (try? await upstream.send(Self.piece)) != nil {}
                    #expect(try await client.waitForReset())
                    try await eventually("it is counted") { try await proxy.counters().statusCounts == [499: 1] }
                }
            }
        }
    }

    /// The kernel's buffers take and give megabytes at once; a slow client is seen to read all the same.
    @Test func clientThatTakesTheAnswerSlowlyIsWaitedFor() async throws {
        try await FramingTests.withPair(limits: { $0.writeTimeout = .seconds(2) }) { client, upstream, _ in
            try await client.channel.setOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024)
            ).get()
            try await client.channel.setOption(.maxMessagesPerRead, value: 1).get()
            try await Self.beginAnswer(client, upstream) { replica in
                try await StreamingTests.flood(replica, with: Self.piece, total: Self.total) { _ in
                    // 400 kB in a second: the kernel has room for more only every few seconds.
                    for _ in 0..<150 {
                        client.channel.read()
                        try await Task.sleep(for: .milliseconds(40))
                    }
                    try await client.setReading(true)
                    try await client.drop(Self.total)
                }
            }
        }
    }

    /// The same holds for an answer of which only the client's side is still to be done.
    @Test func clientThatTakesNoEndIsReset() async throws {
        let change: (inout ProxyLimits) -> Void = {
            $0.writeTimeout = .milliseconds(500)
            $0.idleTimeout = .milliseconds(300)
        }
        try await ProxyFixture.with(loops: 1, limits: change) { proxy in
            try await proxy.publish(.stopped(reason: String(repeating: "x", count: 8 * 1024 * 1024)))
            let client = try await proxy.connect()
            try await client.setReading(false)
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.waitForReset())
        }
    }

    private static func beginAnswer(
        _ client: RawConnection, _ upstream: () async throws -> RawConnection,
        _ body: (RawConnection) async throws -> Void
    ) async throws {
        try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
        let replica = try await upstream()
        _ = try await replica.readHead()
        try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
        _ = try await client.readHead()
        try await client.setReading(false)
        try await body(replica)
    }
}
