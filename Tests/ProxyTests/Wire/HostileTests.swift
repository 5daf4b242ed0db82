import NIOCore
import Testing

@testable import Proxy

/// Requests that two parties could understand differently, and clients that take their time.
@Suite struct HostileTests {
    @Test(arguments: RequestHeadParserTests.hostile)
    func malformedHeadsAreAnsweredAndTheConnectionIsClosed(_ text: String, _ fault: HeadFault) async throws {
        // With limits of their own the same heads are refused over a connection.
        let change: (inout ProxyLimits) -> Void = {
            $0.headBytes = 4096
            $0.headFields = 16
            $0.targetBytes = 256
        }
        try await ProxyFixture.with(loops: 1, limits: change) { proxy in
            let client = try await proxy.connect()
            try await client.send(text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.readMessage()
            #expect(answer.status == fault.status)
            #expect(answer.fields("connection") == ["close"])
            #expect(answer.fields("x-faasd-limit") == (fault.limit.map { ["\($0.name)"] } ?? []))
            if fault.limit == nil { #expect(answer.body == "\(fault.text)\n") }
            #expect(try await client.isAtEnd())
        }
    }

    @Test func malformedChunkIsRefusedAndNothingBehindItReachesTheReplica() async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            try await client.send(
                "POST /function/f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabcXX\r\n0\r\n\r\nGET /function/f/smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            let seen = try await upstream().readToEnd()
            #expect(!seen.contains("smuggled"))
            #expect(try await client.readMessage().status == 400)
            #expect(try await client.isAtEnd())
            #expect(replicas.acceptedCount == 1)
        }
    }

    @Test func connectionFieldCannotTakeAwayFraming() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send(
                "POST /function/f HTTP/1.1\r\nHost: a\r\nConnection: Content-Length, X-Call-Id, Host, Cookie\r\n"
                    + "Cookie: c\r\nX-Call-Id: mine\r\nContent-Length: 4\r\n\r\nbody")
            let replica = try await upstream()
            let request = try await replica.readMessage()
            #expect(request.body == "body")
            #expect(request.fields("x-call-id") == ["mine"])
            #expect(request.fields("cookie") == [])
            #expect(request.fields("host").count == 1)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "garbage\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n",
    ])
    func malformedAnswersAreNotPassedOn(_ text: String) async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send(text)
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(answer.fields("x-openfaas-internal") == ["proxy"])
            try await client.send("GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 404)
        }
    }

    @Test func brokenBodyOfAReplicaIsCutVisibly() async throws {
        for body in ["3\r\nabcX", "3\r\nab"] {
            try await FramingTests.withPair { client, upstream, _ in
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let replica = try await upstream()
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
                _ = try await client.readHead()
                try await replica.close()
                let rest = try await client.readToEnd()
                #expect(!rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test func cutBodyWithoutFramingEndsWithReset() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.0\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            _ = try await client.readHead()
            #expect(try await client.read(3) == "abc")
            try await replica.close()
            #expect(try await client.waitForReset())
        }
    }

    @Test func slowHeadIsGivenUp() async throws {
        try await ProxyFixture.with(limits: { $0.headTimeout = .milliseconds(300) }) { proxy in
            let client = try await proxy.connect()
            try await client.send("GET / HTTP/1.1\r\nHost")
            #expect(try await client.readMessage().status == 408)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func unusedConnectionIsClosedWithoutAWord() async throws {
        try await ProxyFixture.with(limits: { $0.idleTimeout = .seconds(2) }) { proxy in
            let client = try await proxy.connect()
            #expect(try await client.isAtEnd())
            let second = try await proxy.connect()
            try await second.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await second.readMessage().status == 200)
            #expect(try await second.isAtEnd())
        }
    }

    @Test func slowBodyIsGivenUp() async throws {
        try await FramingTests.withPair(limits: { $0.readTimeout = .milliseconds(300) }) { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            let replica = try await upstream()
            _ = try await replica.readHead()
            let answer = try await client.readMessage()
            #expect(answer.status == 408)
            #expect(try await client.isAtEnd())
            #expect(try await replica.readToEnd() == "01234")
        }
    }

    @Test func connectionsOverTheLimitAreClosed() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.clientConnections = 2 }) { proxy in
            var clients: [RawConnection] = []
            for _ in 0..<2 {
                let client = try await proxy.connect()
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.readMessage().status == 200)
                clients.append(client)
            }
            let third = try await proxy.connect()
            #expect(try await third.isAtEnd())
            try await clients[0].close()
            try await eventually("a place is free") {
                let next = try await proxy.connect()
                try? await next.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                return try await next.readToEndOrHead().hasPrefix("HTTP/1.1 200")
            }
        }
    }

    /// The answers must not depend on how the bytes of the requests are cut into pieces.
    @Test func randomSplitsOfTheSameBytes() async throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let requests =
            "POST /function/f/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            + "GET /function/f/2?q HTTP/1.1\r\nHost: a\r\nX-Call-Id: 7\r\n\r\n"
            + "PUT /function/f/3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "4\r\nwiki\r\n5;e=f\r\npedia\r\n0\r\nT: x\r\n\r\n"
            + "GET /system HTTP/1.1\r\nHost: a\r\n\r\n" + "GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n"
            + "DELETE /function/f/4 HTTP/1.1\r\nHost: a\r\n\r\n" + "BAD \u{1} HTTP/1.1\r\n\r\n"
        let bytes = Array(requests.utf8)
        try await ProxyFixture.with { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                for _ in 0..<60 {
                    let client = try await proxy.connect()
                    var ends = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                        Int.random(in: 0...bytes.count, using: &random)
                    }
                    ends = ends.sorted() + [bytes.count]
                    var start = 0
                    for end in ends {
                        try await client.send(ByteBuffer(bytes: bytes[start..<end]))
                        start = end
                    }
                    var seen: [String] = []
                    for _ in 0..<7 {
                        let answer = try await client.readMessage()
                        seen.append("\(answer.status ?? 0) \(answer.body.prefix(24))")
                    }
                    #expect(
                        seen == [
                            "200 POST /1 hello", "200 GET /2?q ", "200 PUT /3 wikipedia", "200 control",
                            "404 error finding function n", "200 DELETE /4 ",
                            "400 malformed request line: ",
                        ], "seed \(seed), ends \(ends)")
                    #expect(try await client.isAtEnd(), "seed \(seed)")
                }
            }
        }
    }
}
