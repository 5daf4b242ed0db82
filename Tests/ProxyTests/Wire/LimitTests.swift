import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Every answer that a limit caused names it, and says its value and what to do.
@Suite struct LimitTests {
    private static let get = "GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n"

    static func expect(_ answer: Message, _ limit: Limit, _ body: String) {
        #expect(answer.status == limit.status)
        #expect(answer.fields("x-faasd-limit") == ["\(limit.name)"])
        #expect(answer.body == body + "\n")
    }

    @Test(arguments: [
        (
            "GET /\(String(repeating: "x", count: 300)) HTTP/1.1\r\nHost: a\r\n\r\n", Limit.targetBytes,
            "the request's target is longer than 256 bytes: target-bytes; "
                + "shorten path and query, or send the data in the body"
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 5000))\r\n\r\n", .headBytes,
            "the request's head is longer than 4096 bytes: head-bytes; send fewer or shorter header fields"
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 16))\r\n", .headFields,
            "the request has more than 16 header fields: head-fields; send fewer"
        ),
        (
            "GET / HTTP/1.1\r\nHo", .headTimeout,
            "the request's head did not arrive within 0.300s: head-timeout; send it without pauses"
        ),
    ])
    func heads(_ text: String, _ limit: Limit, _ body: String) async throws {
        let change: (inout ProxyLimits) -> Void = {
            $0.headBytes = 4096
            $0.headFields = 16
            $0.targetBytes = 256
            $0.headTimeout = .milliseconds(300)
        }
        try await ProxyFixture.with(loops: 1, limits: change) { proxy in
            let client = try await proxy.connect()
            try await client.send(text)
            Self.expect(try await client.readMessage(), limit, body)
            #expect(try await client.isAtEnd())
        }
    }

    /// A head that drips, a byte now and then, gets no more time than one that stops.
    @Test func dripDoesNotProlongTheHeadsTime() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.headTimeout = .milliseconds(500) }) { proxy in
            let client = try await proxy.connect()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await client.send("GET / HTTP/1.1\r\nX: ")
                    while !Task.isCancelled {
                        try? await client.send("x")
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
                #expect(try await client.readMessage().field("x-faasd-limit") == "head-timeout")
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func waitingLimits() async throws {
        let change: (inout ProxyLimits) -> Void = {
            $0.waitingCallsPerFunction = 1
            $0.waitingTimeout = .seconds(1)
        }
        try await ProxyFixture.with(loops: 1, limits: change) { proxy in
            try await proxy.publish(.waiting)
            let (first, second) = (try await proxy.connect(), try await proxy.connect())
            try await first.send(Self.get)
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
            try await second.send(Self.get)
            Self.expect(
                try await second.readMessage(), .waitingCalls,
                "too many calls wait for f.openfaas-fn, at most 1 may (1024 for all functions): waiting-calls; "
                    + "try again later")
            Self.expect(
                try await first.readMessage(), .waitingTimeout,
                "no replica of f.openfaas-fn became ready within 1s: waiting-timeout; "
                    + "try again later, or see why it does not start")
        }
    }

    @Test func connectTimeout() async throws {
        let silent = try SilentListener()
        defer { silent.close() }
        try await ProxyFixture.with(loops: 1, limits: { $0.connectTimeout = .milliseconds(300) }) { proxy in
            try await proxy.publish(.ready([silent.endpoint]))
            let client = try await proxy.connect()
            try await client.send(Self.get)
            Self.expect(
                try await client.readMessage(), .connectTimeout,
                "no replica of f.openfaas-fn took the connection within 0.300s: connect-timeout; "
                    + "see whether they are overloaded, or try again later")
        }
    }

    @Test func silentClientAndSilentReplica() async throws {
        try await FramingTests.withPair(limits: { $0.readTimeout = .milliseconds(300) }) { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            _ = try await upstream().readHead()
            Self.expect(
                try await client.readMessage(), .readTimeout,
                "nothing of the request's body arrived for 0.300s: read-timeout; send it without long pauses")
            #expect(try await client.isAtEnd())
        }
        try await FramingTests.withPair(limits: { $0.upstreamTimeout = .milliseconds(300) }) { client, upstream, _ in
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n01234")
            _ = try await upstream().readMessage()
            Self.expect(
                try await client.readMessage(), .upstreamTimeout,
                "the function did not answer within 0.300s: upstream-timeout; "
                    + "give it a longer exec_timeout or the annotation com.openfaas.timeout")
        }
    }

    /// A function's own time counts for the silence of its replica, and where it is longer for that of its client.
    @Test(arguments: [true, false])
    func timeOfTheFunction(clientIsSlow: Bool) async throws {
        let change: (inout ProxyLimits) -> Void = {
            $0.readTimeout = .milliseconds(100)
            $0.upstreamTimeout = .milliseconds(100)
        }
        try await ProxyFixture.with(loops: 1, limits: change) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica, timeout: .seconds(20))
                let client = try await proxy.connect()
                let request = "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
                try await client.send(clientIsSlow ? request : request + "01234")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await StreamingTests.untilStill { Int(try await proxy.counters().started) }
                if clientIsSlow { try await client.send("01234") }
                #expect(try await upstream.read(5) == "01234")
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().body == "ok")
            }
        }
    }

    @Test func controlPlaneNamesTheReadLimit() async throws {
        let ended = NIOLockedState(false)
        let fallback = ClosureFallback { request, _ in
            // The reader's task is cancelled.
            do { for try await _ in request.body {} } catch {}
            ended.with { $0 = true }
        }
        let change: (inout ProxyLimits) -> Void = { $0.readTimeout = .milliseconds(300) }
        try await ProxyFixture.with(loops: 1, fallback: fallback, limits: change) { proxy in
            let client = try await proxy.connect()
            try await client.send("POST /system/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
            Self.expect(
                try await client.readMessage(), .readTimeout,
                "nothing of the request's body arrived for 0.300s: read-timeout; send it without long pauses")
            #expect(try await client.isAtEnd())
            try await eventually("the task has ended") { ended.with { $0 } }
        }
    }

    /// What no limit caused names none.
    @Test func otherFailuresNameNoLimit() async throws {
        try await FramingTests.withPair { client, upstream, _ in
            let long = "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n"
            for answer in ["garbage\r\n\r\n", long, ""] {
                try await client.send(Self.get)
                let replica = try await upstream()
                _ = try await replica.readHead()
                try await replica.send(answer)
                if answer.isEmpty { try await replica.close() }
                let failure = try await client.readMessage()
                #expect(failure.status == 502)
                #expect(failure.fields("x-faasd-limit") == [])
            }
        }
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { dead in
                await dead.stop()
                try await proxy.publish(dead)
                let client = try await proxy.connect()
                try await client.send(Self.get)
                #expect(try await client.readMessage().fields("x-faasd-limit") == [])
                try await proxy.publish(.stopped(reason: "off"))
                try await client.send(Self.get)
                #expect(try await client.readMessage().fields("x-faasd-limit") == [])
            }
        }
    }
}
