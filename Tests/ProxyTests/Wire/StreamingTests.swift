import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Bodies that are larger than memory should hold, and bytes that must not wait.
@Suite(.serialized) struct StreamingTests {
    @Test func piecesOfAnAnswerArriveAtOnce() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(try await client.readHead().contains("text/event-stream"))
            for number in 0..<20 {
                let event = "data: \(number)\n\n"
                try await replica.send("\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n")
                let size = String(event.utf8.count, radix: 16).utf8.count + 4 + event.utf8.count
                #expect(try await client.read(size).contains(event))
            }
        }
    }

    /// 64 MB go both ways through an echo at the same time; the proxy, the echo and the test share this process.
    @Test func largeBodiesUseLittleMemory() async throws {
        try await ProxyFixture.with(loops: 2) { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                let client = try await proxy.connect()
                let piece = ByteBuffer(repeating: 0x61, count: 64 * 1024)
                let pieces = 1024
                try await client.send(
                    "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: \(pieces * piece.readableBytes)\r\n\r\n")
                _ = try await client.readHead()
                let before = residentBytes()
                let highest = NIOLockedState(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for _ in 0..<pieces {
                            try await client.send(piece)
                            let now = residentBytes()
                            highest.with { $0 = max($0, now) }
                        }
                    }
                    group.addTask { try await client.drop(pieces * piece.readableBytes + "POST / ".utf8.count) }
                    try await group.waitForAll()
                }
                let growth = highest.with { $0 } - before
                #expect(growth < 32 * 1024 * 1024, "grew by \(growth >> 20) MB")
            }
        }
    }

    /// A replica that sends faster than the client reads must be stopped.
    @Test func slowClientHoldsTheReplica() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            let total = 64 * 1024 * 1024
            try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            _ = try await client.readHead()
            try await client.setReading(false)
            let piece = ByteBuffer(repeating: 0x62, count: 1024 * 1024)
            try await Self.flood(replica, with: piece, total: total) { held in
                // What was sent by now is in the kernel's buffers; the proxy itself holds next to nothing.
                #expect(held < 32 * 1024 * 1024, "sent \(held >> 20) MB")
                try await client.setReading(true)
                try await client.drop(total)
            }
        }
    }

    /// A client that sends faster than the replica reads must be stopped.
    @Test func slowReplicaHoldsTheClient() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            let total = 64 * 1024 * 1024
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.setReading(false)
            let piece = ByteBuffer(repeating: 0x63, count: 1024 * 1024)
            try await Self.flood(client, with: piece, total: total) { held in
                #expect(held < 32 * 1024 * 1024, "sent \(held >> 20) MB")
                try await replica.setReading(true)
                try await replica.drop(total)
            }
        }
    }

    /// A client that asks and asks but reads no answer must be stopped, also where the proxy itself answers.
    @Test func clientThatReadsNoAnswersMayNotAskOn() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await proxy.publish(.stopped(reason: String(repeating: "x", count: 8000)))
            let client = try await proxy.connect()
            try await client.setReading(false)
            let total = 6000
            let request = "GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n"
            try await client.send(String(repeating: request, count: total))
            var started = 0
            try await Self.untilStill {
                started = Int(try await proxy.counters().started)
                return started
            }
            // 48 MB of answers in all; what the kernel's buffers take of them is a small part.
            #expect(started < total / 2)
            try await client.setReading(true)
            let first = try await client.readMessage()
            #expect(first.status == 503)
            try await client.drop((total - 1) * (first.head.utf8.count + first.body.utf8.count))
        }
    }

    @Test func answerIsWholeThoughTheReplicaClosesWhileTheClientIsSlow() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await client.setReading(false)
            let total = 1024 * 1024
            try await replica.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await replica.send(ByteBuffer(repeating: 0x64, count: total))
                    try await replica.close()
                }
                try await client.setReading(true)
                _ = try await client.readHead()
                let framed = try await client.take("the whole body") { bytes, _ in
                    bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8) ? bytes.count : nil
                }
                let body = try BodyFramingTests.pass(Array(framed.readableBytesView), ends: [], contentOnly: true)
                #expect(body.bytes.count == total)
                #expect(body.isEnded)
                try await group.waitForAll()
            }
        }
    }

    @Test func manyCallsAtOnce() async throws {
        try await ProxyFixture.with(loops: 2) { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let client = try await proxy.connect()
                            for round in 0..<5 {
                                let body = "\(number)-\(round)"
                                try await client.send(
                                    "POST /function/f HTTP/1.1\r\nHost: a\r\n"
                                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                                let answer = try await client.readMessage()
                                #expect(answer.body == "POST / \(body)")
                            }
                            try await client.close()
                        }
                    }
                    try await group.waitForAll()
                }
                let counters = try await proxy.counters()
                #expect(counters.started == 500)
                #expect(counters.inFlight == 0)
                #expect(counters.statusCounts == [200: 500])
                #expect(counters.durationBuckets.reduce(0, +) == 500)
            }
        }
    }

    /// Sends a body piece by piece on a connection whose other side is not read, and calls `whenStill` with what went
    /// out when no more goes. That is to see that the rest does.
    static func flood(
        _ sender: RawConnection, with piece: ByteBuffer, total: Int, whenStill: (Int) async throws -> Void
    ) async throws {
        let sent = NIOLockedState(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<(total / piece.readableBytes) {
                    try await sender.send(piece)
                    sent.with { $0 += piece.readableBytes }
                }
            }
            try await untilStill { sent.with { $0 } }
            try await whenStill(sent.with { $0 })
            try await group.waitForAll()
        }
    }

    /// Waits until a number has stopped growing: the fact that nothing happens has no event of its own.
    static func untilStill(_ number: () async throws -> Int) async throws {
        var last = -1
        var stillFor = 0
        while stillFor < 20 {
            try await Task.sleep(for: .milliseconds(20))
            let now = try await number()
            stillFor = now == last ? stillFor + 1 : 0
            last = now
        }
    }
}
