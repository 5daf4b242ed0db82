import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Publishing, waiting, draining and counting.
@Suite struct TableTests {
    private static let get = "GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func waitingCallsAreReleasedInOrderAndWakeOnce() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await EchoReplica.with { replica in
                try await proxy.publish(.waiting)
                var clients: [RawConnection] = []
                for number in 0..<10 {
                    let client = try await proxy.connect()
                    try await client.send(
                        "POST /function/f/\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                    clients.append(client)
                }
                try await eventually("all wait") { try await proxy.counters().inFlight == 10 }
                #expect(proxy.waker.woken.map(\.description) == ["f.openfaas-fn"])
                // A table that changes nothing releases nobody, and wakes nobody again.
                try await proxy.publish(.waiting)
                #expect(try await proxy.counters().inFlight == 10)
                await proxy.server.publish(try replica.table(name: "f"))
                for (number, client) in clients.enumerated() {
                    #expect(try await client.readMessage().body == "POST /\(number) body")
                }
                try await proxy.publish(.waiting)
                try await clients[0].send(Self.get)
                try await eventually("it is woken again") { proxy.waker.woken.count == 2 }
            }
        }
    }

    /// The waker may have a replica at hand. Its loop uses it until the next table says what holds.
    @Test func aCallGoesOnWithWhatTheWakerHas() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await EchoReplica.with { replica in
                try proxy.waker.keepReady([replica.endpoint])
                try await proxy.publish(.waiting)
                let client = try await proxy.connect()
                for _ in 0..<3 {
                    try await client.send(Self.get)
                    #expect(try await client.readMessage().body == "GET / ")
                }
                #expect(proxy.waker.woken.count == 1)
                try proxy.waker.keepReady([])
                try await proxy.publish(.waiting)
                #expect(await proxy.server.drain(replicas: [replica.endpoint.id], deadline: .zero) == 0)
                try await client.send(Self.get)
                try await eventually("it waits") { proxy.waker.woken.count == 2 }
                #expect(try await proxy.counters().inFlight == 1)
                await proxy.server.publish(try replica.table(name: "f"))
                #expect(try await client.readMessage().body == "GET / ")
            }
        }
    }

    @Test func waitingCallsLearnThatNobodyComes() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await proxy.publish(.ready([]))
            let client = try await proxy.connect()
            try await client.send(Self.get)
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
            try await proxy.publish(.stopped(reason: "crashed at start"))
            let stopped = try await client.readMessage()
            #expect(stopped.status == 503)
            #expect(stopped.body == "crashed at start\n")
            try await proxy.publish(.waiting)
            try await client.send(Self.get)
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
            await proxy.server.publish(RouteTable([]))
            #expect(try await client.readMessage().status == 404)
        }
    }

    @Test func waitingHasALimitInTimeAndNumber() async throws {
        let limits: (inout ProxyLimits) -> Void = {
            $0.waitingCallsPerFunction = 1
            $0.waitingTimeout = .seconds(2)
        }
        try await ProxyFixture.with(loops: 1, limits: limits) { proxy in
            try await proxy.publish(.waiting)
            let (first, second) = (try await proxy.connect(), try await proxy.connect())
            try await first.send(Self.get)
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
            try await second.send(Self.get)
            for client in [second, first] {
                let answer = try await client.readMessage()
                #expect(answer.status == 503)
                #expect(answer.fields("retry-after") == ["1"])
            }
            #expect(try await proxy.counters().statusCounts == [503: 2])
        }
    }

    @Test func waitingClientMayLeave() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await proxy.publish(.waiting)
            let client = try await proxy.connect()
            try await client.send(Self.get)
            try await eventually("it waits") { try await proxy.counters().inFlight == 1 }
            try await client.close()
            try await eventually("it has left") { try await proxy.counters().inFlight == 0 }
            #expect(try await proxy.counters().statusCounts == [499: 1])
        }
    }

    /// Once publish has returned, no new call may go to a replica that is not in the table.
    @Test func publishIsABarrier() async throws {
        try await ProxyFixture.with(loops: 2) { proxy in
            try await EchoReplica.with(id: "one") { one in
                try await EchoReplica.with(id: "two") { two in
                    var clients: [RawConnection] = []
                    for _ in 0..<8 { clients.append(try await proxy.connect()) }
                    for round in 0..<20 {
                        let (live, dead) = round % 2 == 0 ? (one, two) : (two, one)
                        await proxy.server.publish(try live.table(name: "f"))
                        for client in clients {
                            try await client.send(Self.get)
                            #expect(try await client.readMessage().status == 200)
                        }
                        #expect(await proxy.server.drain(replicas: [dead.endpoint.id], deadline: .zero) == 0)
                    }
                }
            }
        }
    }

    @Test func drainWaitsForRunningCalls() async throws {
        try await ProxyFixture.with(loops: 2) { proxy in
            try await Replica.with(id: "old") { old in
                try await proxy.publish(old)
                let client = try await proxy.connect()
                try await client.send(Self.get)
                let upstream = try await old.accept()
                _ = try await upstream.readHead()
                try await proxy.publish(.waiting)
                #expect(await proxy.server.drain(replicas: ["old"], deadline: .milliseconds(50)) == 1)
                #expect(await proxy.server.drain(replicas: ["other"], deadline: .seconds(20)) == 0)
                async let left = proxy.server.drain(replicas: ["old"], deadline: .seconds(20))
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(await left == 0)
                #expect(try await client.readMessage().body == "ok")
                // Its connection is not kept.
                #expect(try await upstream.isAtEnd())
            }
        }
    }

    @Test func drainClosesUnusedConnections() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with(id: "old") { old in
                try await proxy.publish(old)
                let client = try await proxy.connect()
                try await client.send(Self.get)
                let upstream = try await old.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().body == "ok")
                #expect(await proxy.server.drain(replicas: ["old"], deadline: .zero) == 0)
                #expect(try await upstream.isAtEnd())
            }
        }
    }

    @Test func unusedConnectionsOfReplicasExpire() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.idleUpstreamTimeout = .milliseconds(200) }) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(Self.get)
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                #expect(try await client.readMessage().body == "ok")
                #expect(try await upstream.isAtEnd())
            }
        }
    }

    @Test func countersOutliveTheRouteUntilForgotten() async throws {
        try await ProxyFixture.with { proxy in
            let name = try FunctionName("f")
            try await proxy.publish(.stopped(reason: "off"))
            let client = try await proxy.connect()
            try await client.send(Self.get)
            _ = try await client.readMessage()
            await proxy.server.forget(name)
            #expect(try await proxy.counters().started == 1)
            await proxy.server.publish(RouteTable([]))
            #expect(try await proxy.counters().started == 1)
            await proxy.server.forget(name)
            #expect(await proxy.server.counters().isEmpty)
        }
    }
}
