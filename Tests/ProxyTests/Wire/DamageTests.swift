import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Bytes damaged at random, sent by clients and by replicas: whatever comes, the proxy goes on.
@Suite struct DamageTests {
    private static let favourites: [UInt8] = [0, 9, 10, 13, 32, 44, 48, 58, 59, 127, 255]

    private static func damaged(_ text: String, by random: inout SeededGenerator) -> ByteBuffer {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] = favourites.randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(favourites.randomElement(using: &random) ?? 0, at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return ByteBuffer(bytes: bytes)
    }

    @Test func damagedRequests() async throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let requests =
            "POST /function/f/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Call-Id: 1\r\n\r\nhello"
            + "PUT /function/f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: x\r\n\r\n"
            + "4;a=b\r\nwiki\r\n0\r\nT: x\r\n\r\n"
            + "POST /system HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            + "GET /function/f HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        let fallback = ClosureFallback { request, writer in
            var count = 0
            for try await piece in request.body { count += piece.readableBytes }
            try await writer.respond(status: 200, body: ByteBuffer(string: "\(count)"))
        }
        try await ProxyFixture.with(fallback: fallback) { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                for round in 0..<150 {
                    let client = try await proxy.connect()
                    try await client.send(Self.damaged(requests, by: &random))
                    // The proxy may have closed already.
                    try? await client.closeOutput()
                    let seen = try await client.readToEnd()
                    #expect(seen.isEmpty || seen.hasPrefix("HTTP/1.1 "), "seed \(seed), round \(round)")
                    try? await client.close()
                }
                try await eventually("all calls have ended, seed \(seed)") {
                    try await proxy.counters().inFlight == 0
                }
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.readMessage().status == 200)
            }
        }
    }

    @Test func damagedAnswers() async throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x\r\n\r\nhello",
            "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4;a=b\r\nwiki\r\n0\r\nT: x\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        ]
        try await ProxyFixture.with { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                for round in 0..<150 {
                    let client = try await proxy.connect()
                    let version = round % 3 == 0 ? "1.0" : "1.1"
                    try await client.send("GET /function/f HTTP/\(version)\r\nHost: a\r\nConnection: close\r\n\r\n")
                    // A connection is kept only behind an answer that was whole; the replica closes each.
                    let connection = try await replica.accept()
                    _ = try await connection.readHead()
                    let answer = answers[round % answers.count]
                    try? await connection.send(Self.damaged(answer, by: &random))
                    try? await connection.close()
                    let seen = try await client.readToEnd()
                    #expect(seen.isEmpty || seen.hasPrefix("HTTP/1.1 "), "seed \(seed), round \(round)")
                    try? await client.close()
                }
                try await eventually("all calls have ended, seed \(seed)") {
                    try await proxy.counters().inFlight == 0
                }
                #expect(try await proxy.counters().started == 150)
            }
        }
    }
}
