import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Replicas that refuse, vanish or are silent, and clients that go away.
@Suite struct FailureTests {
    @Test func refusedConnectionGoesToAnotherReplica() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with(id: "dead") { dead in
                await dead.stop()
                try await EchoReplica.with { live in
                    let name = try FunctionName("f")
                    await proxy.server.publish(
                        RouteTable([Route(name: name, state: .ready([dead.endpoint, live.endpoint]))]))
                    let client = try await proxy.connect()
                    for _ in 0..<6 {
                        try await client.send(
                            "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                        #expect(try await client.readMessage().body == "POST / hi")
                    }
                }
            }
        }
    }

    @Test func noReplicaReachable() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { dead in
                await dead.stop()
                try await proxy.publish(dead)
                let client = try await proxy.connect()
                try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                let answer = try await client.readMessage()
                #expect(answer.status == 502)
                #expect(answer.body == "Can't reach service for: f.\n")
                #expect(answer.fields("x-openfaas-internal") == ["proxy"])
                #expect(try await proxy.counters().statusCounts == [502: 1])
                #expect(try await proxy.counters().inFlight == 0)
            }
        }
    }

    @Test func replicaPathThatIsTooLongIsUnreachable() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            let path = "/tmp/" + String(repeating: "x", count: 200)
            await proxy.server.publish(
                RouteTable([
                    Route(
                        name: try FunctionName("f"),
                        state: .ready([ReplicaEndpoint(id: "a", address: .unix(path: path))]))
                ]))
            let client = try await proxy.connect()
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 502)
        }
    }

    /// Makes the proxy keep a connection, and lets the replica close it when it is used again.
    private static func staleCall(
        _ request: String,
        _ check: (RawConnection, @escaping () async throws -> RawConnection) async throws -> Void
    ) async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let first = try await upstream()
            _ = try await first.readHead()
            try await first.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try await client.readMessage()
            try await client.send(request)
            _ = try await first.readHead()
            try await first.close()
            try await check(client, upstream)
        }
    }

    @Test(arguments: [
        "GET /function/f/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "DELETE /function/f/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "PUT /function/f/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
    ])
    func staleConnectionIsReplacedOnce(_ request: String) async throws {
        try await Self.staleCall(request) { client, upstream in
            let second = try await upstream()
            let repeated = try await second.readMessage()
            #expect(repeated.startLine.hasSuffix(" /x HTTP/1.1"))
            #expect(repeated.body == (request.hasSuffix("body") ? "body" : ""))
            try await second.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.readMessage().body == "ok")
        }
    }

    @Test func staleConnectionOfAReplicaThatIsGone() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                #expect(try await client.readMessage().status == 200)
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await upstream.readHead()
                await replica.stop()
                #expect(try await client.readMessage().status == 502)
                #expect(await proxy.server.drain(replicas: ["a"], deadline: .zero) == 0)
                #expect(try await proxy.counters().statusCounts == [200: 1, 502: 1])
            }
        }
    }

    /// A replica that left the table while a connection to it was being opened must not be followed by another of the
    /// old table, but by those of the new one.
    @Test func refusedCallFollowsTheTableOfNow() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.connectTimeout = .seconds(1) }) { proxy in
            try await EchoReplica.with { echo in
                let silent = try SilentListener()
                defer { silent.close() }
                let route = Route(name: try FunctionName("f"), state: .ready([silent.endpoint]))
                await proxy.server.publish(RouteTable([route]))
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                try await eventually("the call has begun") { try await proxy.counters().inFlight == 1 }
                await proxy.server.publish(try echo.table(name: "f"))
                #expect(await proxy.server.drain(replicas: ["silent"], deadline: .zero) == 1)
                #expect(try await client.readMessage().body == "GET / ")
                #expect(await proxy.server.drain(replicas: ["silent"], deadline: .seconds(20)) == 0)
            }
        }
    }

    /// A function can go to rest just when a request has gone to it.
    @Test func repeatedCallWaitsWithTheOthers() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("PUT /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
                let first = try await replica.accept()
                _ = try await first.readMessage()
                try await first.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                #expect(try await client.readMessage().status == 200)
                try await client.send("PUT /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2")
                _ = try await first.readMessage()
                try await proxy.publish(.waiting)
                try await first.close()
                try await eventually("it is woken") { proxy.waker.woken.count == 1 }
                try await proxy.publish(replica)
                let second = try await replica.accept()
                #expect(try await second.readMessage().body == "2")
                try await second.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().body == "ok")
                #expect(try await proxy.counters().statusCounts == [200: 2])
            }
        }
    }

    @Test func staleConnectionIsNotReplacedTwice() async throws {
        try await Self.staleCall("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n") { client, upstream in
            let second = try await upstream()
            _ = try await second.readHead()
            try await second.close()
            #expect(try await client.readMessage().status == 502)
        }
    }

    @Test(arguments: ["Content-Length: 4\r\n\r\nbody", "Content-Length: 0\r\n\r\n", "\r\n"])
    func callThatMustNotBeRepeatedIsNot(_ rest: String) async throws {
        try await Self.staleCall("POST /function/f HTTP/1.1\r\nHost: a\r\n\(rest)") { client, _ in
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
        }
    }

    @Test func freshConnectionIsNotRepeatedOnTheSameReplica() async throws {
        try await FramingTests.withPair { client, upstream, replicas in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await replica.close()
            #expect(try await client.readMessage().status == 502)
            #expect(replicas.acceptedCount == 1)
        }
    }

    @Test func silentReplicaIsGivenUp() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica, timeout: .milliseconds(300))
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                let answer = try await client.readMessage()
                #expect(answer.status == 504)
                #expect(answer.fields("x-faasd-limit") == ["upstream-timeout"])
                #expect(
                    answer.body
                        == "the function did not answer within 0.300s: upstream-timeout; "
                        + "give it a longer exec_timeout or the annotation com.openfaas.timeout\n")
                #expect(try await upstream.isAtEnd())
            }
        }
    }

    @Test func replicaThatFallsSilentInItsBodyIsCut() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica, timeout: .seconds(4))
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
                _ = try await client.readHead()
                #expect(try await client.readToEnd() == "01234")
                #expect(try await upstream.isAtEnd())
                #expect(try await proxy.counters().statusCounts == [504: 1])
            }
        }
    }

    @Test func clientThatGoesAwayCancelsTheCall() async throws {
        for withReset in [false, true] {
            try await ProxyFixture.with(loops: 1) { proxy in
                try await Replica.with { replica in
                    try await proxy.publish(replica)
                    let client = try await proxy.connect()
                    try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                    let upstream = try await replica.accept()
                    _ = try await upstream.readHead()
                    if withReset { try await client.abort() } else { try await client.close() }
                    #expect(try await upstream.isAtEnd())
                    try await eventually("the call is counted") { try await proxy.counters().inFlight == 0 }
                    #expect(try await proxy.counters().statusCounts == [499: 1])
                }
            }
        }
    }

    /// A client that ends its sending side is taken for one that left, as nginx and Go's server take it.
    @Test func halfClosedClientCancelsTheCall() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let replica = try await upstream()
            _ = try await replica.readHead()
            try await client.closeOutput()
            #expect(try await replica.isAtEnd())
            #expect(try await client.isAtEnd())
        }
    }

    @Test func clientThatGoesAwayInTheBodyClosesTheReplicasConnection() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            let replica = try await upstream()
            _ = try await replica.readHead()
            #expect(try await replica.read(5) == "01234")
            try await client.close()
            #expect(try await replica.isAtEnd())
        }
    }

    @Test func replicaThatClosesItsUnusedConnectionIsNoHarm() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            for _ in 0..<3 {
                try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
                let replica = try await upstream()
                _ = try await replica.readMessage()
                try await replica.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().body == "ok")
                try await replica.closeOutput()
                // The proxy has seen it when it has closed its own side.
                #expect(try await replica.isAtEnd())
            }
        }
    }

    @Test func unaskedBytesOnAnUnusedConnectionCloseIt() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let first = try await upstream()
            _ = try await first.readHead()
            try await first.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.readMessage().body == "ok")
            try await first.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            #expect(try await first.isAtEnd())
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let second = try await upstream()
            _ = try await second.readHead()
        }
    }
}
