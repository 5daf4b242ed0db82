import NIOCore
import Testing

@testable import Proxy

/// Bodies, framing and connection management between client and replica.
@Suite struct FramingTests {
    @Test func bodyWithLengthReachesReplicaAndComesBack() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            let replica = try await upstream()
            let head = try await replica.readHead()
            #expect(Message(head: head, body: "").fields("content-length") == ["10"])
            #expect(try await replica.read(5) == "01234")
            try await client.send("56789")
            #expect(try await replica.read(5) == "56789")
            try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n98765")
            #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await client.read(5) == "98765")
            try await replica.send("43210")
            #expect(try await client.read(5) == "43210")
        }
    }

    @Test func chunksPassBothWaysAndTrailersDoNot() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send(
                "POST /function/f HTTP/1.1\r\nHost: a\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n")
            let replica = try await upstream()
            let head = try await replica.readHead()
            #expect(Message(head: head, body: "").fields("transfer-encoding") == ["chunked"])
            #expect(Message(head: head, body: "").fields("trailer") == [])
            #expect(try await replica.read(19) == "5;x=y\r\nhello\r\n0\r\n\r\n")
            try await replica.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nU: 2\r\n\r\n")
            _ = try await client.readHead()
            #expect(try await client.read(13) == "3\r\nabc\r\n0\r\n\r\n")
        }
    }

    @Test func unknownLengthIsChunkedForHTTP11AndClosedForHTTP10() async throws {
        for version in ["1.1", "1.0"] {
            try await Self.withPair { client, upstream, _ in
                try await client.send("GET /function/f HTTP/\(version)\r\nHost: a\r\n\r\n")
                let replica = try await upstream()
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 200 OK\r\n\r\nfirst")
                let head = try await client.readHead()
                if version == "1.1" {
                    #expect(Message(head: head, body: "").fields("transfer-encoding") == ["chunked"])
                    #expect(try await client.read(10) == "5\r\nfirst\r\n")
                    try await replica.send(" second")
                    #expect(try await client.read(12) == "7\r\n second\r\n")
                    try await replica.close()
                    #expect(try await client.read(5) == "0\r\n\r\n")
                    // The client's connection goes on.
                    try await client.send("GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.readMessage().status == 404)
                } else {
                    #expect(Message(head: head, body: "").fields("connection") == ["close"])
                    try await replica.close()
                    #expect(try await client.readToEnd() == "first")
                }
            }
        }
    }

    @Test func chunksAreTakenOutForHTTP10() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde")
            let head = try await client.readHead()
            #expect(Message(head: head, body: "").fields("transfer-encoding") == [])
            try await replica.send("\r\n0\r\nX: y\r\n\r\n")
            #expect(try await client.readToEnd() == "abcde")
        }
    }

    @Test func keepAliveOfHTTP10() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let replica = try await upstream()
            for _ in 0..<2 {
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().fields("connection") == ["keep-alive"])
                try await client.send("GET /function/f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            }
        }
    }

    @Test(arguments: [("HEAD", 200), ("GET", 204), ("GET", 304)])
    func answersWithoutBody(method: String, status: Int) async throws {
        try await Self.withPair { client, upstream, _ in
            for _ in 0..<2 {
                try await client.send("\(method) /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            var replica = try await upstream()
            for round in 0..<2 {
                // A body that 204 announces may come after all, so this connection is not used again.
                if round == 1, status == 204 { replica = try await upstream() }
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 \(status) X\r\nContent-Length: 5\r\n\r\n")
                let answer = try await client.readMessage(hasBody: false)
                #expect(answer.status == status)
                #expect(answer.fields("content-length") == (status == 204 ? [] : ["5"]))
            }
        }
    }

    @Test func connectionOfReplicaIsUsedAgain() async throws {
        try await Self.withPair { client, upstream, replicas in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            for _ in 0..<5 {
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                _ = try await client.readMessage()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(replicas.acceptedCount == 1)
        }
    }

    @Test func connectionThatTheReplicaClosesIsNotUsedAgain() async throws {
        try await Self.withPair { client, upstream, replicas in
            for count in 1...3 {
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let replica = try await upstream()
                _ = try await replica.readHead()
                try await replica.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().fields("connection") == [])
                #expect(try await replica.isAtEnd())
                #expect(replicas.acceptedCount == count)
            }
        }
    }

    @Test func bytesBehindAnAnswerAreNotTakenForTheNext() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let first = try await upstream()
            _ = try await first.readHead()
            try await first.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            #expect(try await client.readMessage().body == "ok")
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let second = try await upstream()
            _ = try await second.readHead()
            try await second.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
            #expect(try await client.readMessage().body == "good")
        }
    }

    @Test func pipelinedRequestsAreAnsweredOneByOneInOrder() async throws {
        try await Self.withPair { client, upstream, replicas in
            var text = ""
            for number in 0..<5 {
                text += "POST /function/f/\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\(number)"
                text += "GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            try await client.send(text)
            let replica = try await upstream()
            for number in 0..<5 {
                let request = try await replica.readMessage()
                #expect(request.startLine == "POST /\(number) HTTP/1.1")
                #expect(request.body == "\(number)")
                try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            }
            for number in 0..<5 {
                #expect(try await client.readMessage().body == "\(number)")
                #expect(try await client.readMessage().status == 404)
            }
            #expect(replicas.acceptedCount == 1)
        }
    }

    @Test func continueIsAnsweredByTheProxyAndNotForwarded() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send(
                "PUT /function/f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            #expect(try await client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("body")
            let replica = try await upstream()
            let request = try await replica.readMessage()
            #expect(request.fields("expect") == [])
            #expect(request.body == "body")
            try await replica.send(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            let hints = try await client.readMessage(hasBody: false)
            #expect(hints.status == 103)
            #expect(hints.fields("link") == ["x"])
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test func earlyAnswerEndsTheCallAndDropsASmallRest() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            #expect(try await client.readMessage().body == "no")
            #expect(try await replica.read(5) == "01234")
            #expect(try await replica.isAtEnd())
            try await client.send("56789GET /function/none HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 404)
        }
    }

    @Test func earlyAnswerBeforeALargeRestClosesTheConnection() async throws {
        try await Self.withPair { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            #expect(try await client.readMessage().body == "no")
            #expect(try await client.isAtEnd())
        }
    }

    /// A client, a proxy with function `f`, and its replica, which accepts a connection when the closure is called.
    static func withPair(
        limits: (inout ProxyLimits) -> Void = { _ in },
        _ body: (RawConnection, @escaping () async throws -> RawConnection, Replica) async throws -> Void
    ) async throws {
        try await ProxyFixture.with(loops: 1, limits: limits) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                try await body(try await proxy.connect(), { try await replica.accept() }, replica)
            }
        }
    }
}
