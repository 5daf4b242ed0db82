import Foundation
import Logging
import NATS
import NIOPosix
import OpenFaaSAPI
import TestSupport
import Testing

@testable import Queue

/// A queue beside a NATS server of the test's own.
private struct NATSFixture {
    let server: NATSProcess
    let queue: CallQueue
    let store: SQLiteCallStore
    let logger = Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() }

    static func with(limits: QueueLimits = QueueLimits(), _ body: (NATSFixture) async throws -> Void) async throws {
        try await NATSProcess.with { server in
            try await StoreFixture.withFile(limits) { store, _, _ in
                try await body(NATSFixture(server: server, queue: CallQueue(store: store), store: store))
            }
        }
    }

    private func client() throws -> NATSClient {
        NATSClient(
            configuration: NATSConfiguration(server: try NATSServer(url: server.url)),
            group: .singletonMultiThreadedEventLoopGroup, logger: logger)
    }

    /// Runs a daemon's source around a body.
    func source(topics: [String], _ body: (TriggerDesk) async throws -> Void) async throws {
        let client = try client()
        let source = NATSSource(client: client, maximumBytes: 1000, logger: logger)
        let desk = TriggerDesk(queue: queue, sources: [source], logger: logger)
        desk.adopt([Self.subscription(topics)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            try await client.waitUntilConnected(within: .seconds(20))
            try await client.flush()
            try await body(desk)
            group.cancelAll()
        }
    }

    static func subscription(_ topics: [String]) -> TriggerSubscription {
        var settings = TriggerSettings()
        settings.topics = topics
        return TriggerSubscription(function: Calls.name("f"), identity: "1", queue: "q", settings: settings)
    }

    /// Somebody who sends messages.
    func publisher(_ body: (NATSClient) async throws -> Void) async throws {
        let client = try client()
        client.start()
        try await client.waitUntilConnected(within: .seconds(20))
        do {
            try await body(client)
            try await client.flush()
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    func count() async throws -> Int {
        var filter = CallFilter()
        filter.limit = 1000
        return try await queue.list(filter).count
    }
}

@Suite(.serialized) struct NATSSourceTests {
    @Test func aMessageIsACall() async throws {
        try await NATSFixture.with { fixture in
            try await fixture.source(topics: ["orders.*.new"]) { desk in
                try await fixture.publisher { client in
                    try await client.publish(
                        "orders.eu.new", headers: ["Content-Type": "application/json"],
                        payload: Array("{}".utf8))
                    try await client.publish("orders.eu.old", payload: Array("no".utf8))
                }
                try await eventually("it is in the queue") { desk.lines.first?.counts.delivered == 1 }
                #expect(desk.lines.first?.source == "nats" && desk.lines.first?.topic == "orders.*.new")
            }
            let call = try await fixture.store.leaseOne(now: fixture.queue.now).call
            #expect(call.request.body == Data("{}".utf8))
            #expect(
                call.request.headers == [
                    HeaderField("X-Topic", "orders.eu.new"), HeaderField("Content-Type", "application/json"),
                    HeaderField("X-Connector", "nats-connector"),
                ])
            #expect(try await fixture.count() == 1)
        }
    }

    @Test func daemonsShareMessages() async throws {
        try await NATSFixture.with { fixture in
            try await fixture.source(topics: ["jobs.>"]) { one in
                try await fixture.source(topics: ["jobs.>"]) { other in
                    try await fixture.publisher { client in
                        for number in 0..<200 {
                            try await client.publish("jobs.a.\(number)", payload: Array("\(number)".utf8))
                        }
                    }
                    try await eventually("all are in the queue") { try await fixture.count() == 200 }
                    let shares = [one, other].map { $0.lines.first?.counts.delivered ?? 0 }
                    #expect(shares.reduce(0, +) == 200 && shares.allSatisfy { $0 > 0 }, "\(shares)")
                }
            }
        }
    }

    @Test func aNamedMessageCountsOnce() async throws {
        try await NATSFixture.with { fixture in
            try await fixture.source(topics: ["orders.*", "orders.new"]) { desk in
                try await fixture.publisher { client in
                    for _ in 0..<3 {
                        try await client.publish(
                            "orders.new", headers: ["Nats-Msg-Id": "17"], payload: Array("x".utf8))
                    }
                }
                try await eventually("all have come") {
                    desk.lines.reduce(0) { $0 + $1.counts.delivered + $1.counts.repeated } == 6
                }
            }
            #expect(try await fixture.count() == 1)
        }
    }

    @Test func theServerMayGoAndComeAndTopicsToo() async throws {
        try await NATSFixture.with { fixture in
            try await fixture.source(topics: ["a"]) { desk in
                fixture.server.kill()
                try await fixture.server.start()
                desk.adopt([NATSFixture.subscription(["b"])])
                try await eventually("messages come again") {
                    try await fixture.publisher { client in
                        try await client.publish("b", payload: Array("x".utf8))
                    }
                    return try await fixture.count() > 0
                }
                let count = try await fixture.count()
                try await fixture.publisher { client in
                    try await client.publish("a", payload: Array("x".utf8))
                    try await client.publish("b", payload: Array("last".utf8))
                }
                // One of those before may still be on its way, too.
                try await eventually("the last has come") { try await fixture.count() > count }
                #expect(desk.lines.allSatisfy { $0.topic == "b" })
            }
        }
    }

    @Test func whatCannotBeTakenIsToldOf() async throws {
        var limits = QueueLimits()
        limits.calls = 1
        try await NATSFixture.with(limits: limits) { fixture in
            _ = try await fixture.queue.submit(Calls.make("in the way", at: fixture.queue.now))
            try await fixture.source(topics: ["a"]) { desk in
                try await fixture.publisher { client in
                    try await client.publish("a", payload: [UInt8](repeating: 0x78, count: 1001))
                }
                try await eventually("it is too long") {
                    desk.lines.first?.lastError?.contains("async-max-body-bytes") == true
                }
                try await fixture.publisher { client in
                    try await client.publish("a", payload: Array("x".utf8))
                }
                try await eventually("the queue is full") {
                    desk.lines.first?.lastError?.contains("queue is full") == true
                }
                try await fixture.queue.cancel("in the way")
                try await eventually("it is taken") { desk.lines.first?.counts.delivered == 1 }
            }
        }
    }

    @Test(arguments: [
        ("orders", true), ("orders.new", true), ("orders.*.new", true), ("orders.>", true), (">", true), ("*", true),
        ("cron-function", false), ("drop:in", false), ("orders..new", false), (".a", false), ("a.", false),
        ("a.>.b", false), ("a*", false), ("a b", false), ("", false), ("mqtt/a/b", true),
    ])
    func subjects(topic: String, isServed: Bool) throws {
        let logger = Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() }
        let client = NATSClient(
            configuration: NATSConfiguration(server: try NATSServer(url: "nats://127.0.0.1:1")),
            group: .singletonMultiThreadedEventLoopGroup, logger: logger)
        #expect(NATSSource(client: client, maximumBytes: 1, logger: logger).serves(topic) == isServed)
    }
}
