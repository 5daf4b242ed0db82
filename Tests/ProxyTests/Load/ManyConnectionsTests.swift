import NIOCore
import Testing

@testable import Proxy

/// Thousands of clients that do nothing, or next to nothing, beside one that works.
@Suite(.serialized) struct ManyConnectionsTests {
    /// Calls the function until `isOver`.
    ///
    /// - Returns: how many answers were as they must be, and how many were not.
    private static func calls(
        port: Int, until isOver: @Sendable (Int) -> Bool
    ) async throws -> (good: Int, bad: Int) {
        let client = try await RawConnection.connect(port: port)
        var (good, bad) = (0, 0)
        while !isOver(good + bad) {
            try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            let answer = try await client.readMessage()
            if answer.status == 200, answer.body == "POST / hello" { good += 1 } else { bad += 1 }
        }
        try await client.close()
        return (good, bad)
    }

    @Test func drippingHeadsAreEndedWhileOthersAreServed() async throws {
        try allowDescriptors(8_000)
        try await MeteredProxy.with(limits: { $0.headTimeout = .seconds(1) }) { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                try await Herd.with { herd in
                    let isOver = NIOLockedState(false)
                    async let working = Self.calls(port: proxy.port) { _ in isOver.with { $0 } }
                    let ended = try await herd.tell("drip \(proxy.port) 2000")
                    isOver.with { $0 = true }
                    #expect(ended == "left 0 answered 2000")
                    let (good, bad) = try await working
                    #expect(bad == 0)
                    #expect(good > 100)
                }
            }
        }
    }

    @Test func idleConnectionsCostNothing() async throws {
        try allowDescriptors(16_000)
        // Without unused connections to replicas the descriptors can be counted.
        let limits: (inout ProxyLimits) -> Void = { $0.idleUpstreamConnections = 0 }
        try await MeteredProxy.with(limits: limits) { proxy in
            try await EchoReplica.with { replica in
                await proxy.server.publish(try replica.table(name: "f"))
                #expect(try await Self.calls(port: proxy.port) { $0 == 10 } == (10, 0))
                try await Self.settled()
                let before = openDescriptors()
                try await Herd.with { herd in
                    #expect(try await herd.tell("graze \(proxy.port) 10000") == "open 10000")
                    #expect(openDescriptors() >= before + 10_000)
                    #expect(try await Self.calls(port: proxy.port) { $0 == 500 } == (500, 0))
                    let start = try await proxy.processorTime()
                    // Doing nothing has no event to wait for: a second of it is what is measured.
                    try await Task.sleep(for: .seconds(1))
                    let used = try await proxy.processorTime() - start
                    #expect(used < .milliseconds(200))
                    print("counted: 10,000 idle connections use \(used) of processor time in a second")
                    #expect(try await herd.tell("closed") == "closed 0")
                }
                try await eventually("all descriptors are back") { openDescriptors() <= before }
                #expect(try await Self.calls(port: proxy.port) { $0 == 10 } == (10, 0))
            }
        }
    }

    /// Waits until the number of descriptors stands still.
    private static func settled() async throws {
        try await StreamingTests.untilStill { openDescriptors() }
    }
}
