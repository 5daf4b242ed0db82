import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import NATS

/// Against a real server.
struct ClientTests {
    private let silent = Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() }

    private func withClient(
        _ url: String, change: (inout NATSConfiguration) -> Void = { _ in }, _ body: (NATSClient) async throws -> Void
    ) async throws {
        var configuration = NATSConfiguration(server: try NATSServer(url: url))
        change(&configuration)
        let client = NATSClient(
            configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: silent)
        client.start()
        do {
            try await body(client)
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    @Test func messagesReachSubscribers() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url) { client in
                // Before there is a connection.
                let subscription = try client.subscribe(subject: "a.*")
                try await client.waitUntilConnected(within: .seconds(10))
                try await client.flush()
                try await client.publish("a.b", headers: ["X": "y"], payload: [1, 2, 3], reply: "back")
                try await client.publish("c", payload: [9])
                try await client.publish("a.c", payload: [])
                let iterator = subscription.makeAsyncIterator()
                let first = NATSMessage(subject: "a.b", reply: "back", headers: ["X": "y"], payload: [1, 2, 3])
                #expect(try await iterator.next() == first)
                #expect(try await iterator.next() == NATSMessage(subject: "a.c"))
                subscription.unsubscribe()
                #expect(try await iterator.next() == nil)
            }
        }
    }

    @Test func requestsAreAnswered() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                let subscription = try client.subscribe(subject: "double", queue: "workers")
                try await client.flush()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await message in subscription {
                            try await client.publish(
                                message.reply ?? "none", payload: message.payload + message.payload)
                        }
                    }
                    try await withThrowingTaskGroup(of: Void.self) { requests in
                        for number: UInt8 in 0..<200 {
                            requests.addTask {
                                let answer = try await client.request("double", payload: [number])
                                #expect(answer.payload == [number, number])
                            }
                        }
                        try await requests.waitForAll()
                    }
                    subscription.unsubscribe()
                    try await group.waitForAll()
                }
                let nobody = await #expect(throws: NATSError.self) { _ = try await client.request("nobody") }
                #expect(nobody?.code == .noResponders)
                let silent = try client.subscribe(subject: "silent")
                let late = await #expect(throws: NATSError.self) {
                    _ = try await client.request("silent", timeout: .milliseconds(50))
                }
                #expect(late?.code == .timedOut)
                silent.unsubscribe()
                for (subject, code) in [("a b", NATSError.Code.badName), ("a.*", .badName)] {
                    let error = await #expect(throws: NATSError.self) { try await client.publish(subject) }
                    #expect(error?.code == code)
                }
                let long = await #expect(throws: NATSError.self) {
                    try await client.publish("a", payload: Array(repeating: 0, count: (1 << 20) + 1))
                }
                #expect(long?.code == .tooLarge)
            }
        }
    }

    @Test func aQueueGroupSharesMessages() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                let group = try (0..<2).map { _ in try client.subscribe(subject: "work", queue: "g") }
                for _ in 0..<100 { try await client.publish("work") }
                try await client.flush()
                for subscription in group { subscription.unsubscribe() }
                var counts: [Int] = []
                for subscription in group {
                    var count = 0
                    for try await _ in subscription { count += 1 }
                    counts.append(count)
                }
                #expect(counts.reduce(0, +) == 100 && counts.allSatisfy { $0 > 0 }, "\(counts)")
            }
        }
    }

    @Test func aLostServerIsFoundAgain() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                let subscription = try client.subscribe(subject: "a")
                let silent = try client.subscribe(subject: "silent")
                try await client.flush()
                let lost = Task { try await client.request("silent", timeout: .seconds(60)) }
                let waiting = silent.makeAsyncIterator()
                _ = try await waiting.next()
                server.kill()
                let error = await #expect(throws: NATSError.self) { _ = try await lost.value }
                #expect(error?.code == .connectionLost)
                try await eventually("it knows") { !client.isConnected }
                let missing = await #expect(throws: NATSError.self) { try await client.publish("a") }
                #expect(missing?.code == .notConnected)
                try await server.start()
                try await client.waitUntilConnected(within: .seconds(20))
                try await client.publish("a", payload: [7])
                let iterator = subscription.makeAsyncIterator()
                #expect(try await iterator.next()?.payload == [7])
                #expect(client.connections == 2)
            }
        }
    }

    @Test func aSilentServerIsLeft() async throws {
        try await NATSProcess.with { server in
            let quick: (inout NATSConfiguration) -> Void = { configuration in
                configuration.pingInterval = .milliseconds(300)
                configuration.connectTimeout = .milliseconds(500)
            }
            try await withClient(server.url, change: quick) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                server.suspend()
                try await eventually("the connection counts as dead") { !client.isConnected }
                server.resume()
                try await client.waitUntilConnected(within: .seconds(20))
            }
        }
    }

    @Test func passwordsAreShown() async throws {
        try await NATSProcess.with(arguments: ["--user", "me", "--pass", "s@cret"]) { server in
            let address = "127.0.0.1:\(server.port)"
            try await withClient("nats://me:s%40cret@\(address)") { client in
                try await client.waitUntilConnected(within: .seconds(10))
            }
            try await withClient("nats://me:wrong@\(address)") { client in
                var message = ""
                try await eventually("the server says why") {
                    do {
                        try await client.waitUntilConnected(within: .milliseconds(200))
                    } catch {
                        message = "\(error)"
                    }
                    return message.contains("Authorization Violation")
                }
                #expect(!message.contains("wrong"))
            }
        }
        try await NATSProcess.with(arguments: ["--auth", "t0ken"]) { server in
            try await withClient("nats://t0ken@127.0.0.1:\(server.port)") { client in
                try await client.waitUntilConnected(within: .seconds(10))
            }
        }
    }

    @Test func muchIsSentWithoutBeingHeld() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url, change: { $0.unsentBytes = 100_000 }) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                let limits = NATSBufferLimits(messages: 1000, bytes: .max)
                let subscription = try client.subscribe(subject: "a", limits: limits)
                let piece = Array(repeating: UInt8(1), count: 50_000)
                for _ in 0..<500 { try await client.publish("a", payload: piece) }
                try await client.flush()
                subscription.unsubscribe()
                var bytes = 0
                for try await message in subscription { bytes += message.payload.count }
                #expect(bytes == 25_000_000 && subscription.dropped == 0)
            }
        }
    }

    @Test func aClientThatIsShutDownSaysSo() async throws {
        try await NATSProcess.with { server in
            try await withClient(server.url) { client in
                try await client.waitUntilConnected(within: .seconds(10))
                let subscription = try client.subscribe(subject: "a")
                await client.shutdown()
                let error = await #expect(throws: NATSError.self) { for try await _ in subscription {} }
                #expect(error?.code == .shutDown)
                let late = await #expect(throws: NATSError.self) { _ = try await client.request("a") }
                #expect(late?.code == .shutDown)
            }
        }
    }
}
