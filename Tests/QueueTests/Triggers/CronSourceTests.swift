import Foundation
import Logging
import OpenFaaSAPI
import Synchronization
import Testing

@testable import Queue

/// A source with files of its own, and a clock that a test moves.
private struct CronFixture {
    let queue: CallQueue
    let store: SQLiteCallStore
    let directory: String
    let time: ManualClock
    let woken = Woken()

    final class Woken: Sendable {
        let names = Mutex<[FunctionName]>([])
    }

    static func with(
        limits: QueueLimits = QueueLimits(), _ body: (CronFixture) async throws -> Void
    ) async throws {
        let time = ManualClock()
        try await StoreFixture.withFile(limits) { store, _, path in
            try await body(
                CronFixture(
                    queue: CallQueue(store: store, clock: time.clock), store: store,
                    directory: (path as NSString).deletingLastPathComponent, time: time))
        }
    }

    /// Runs a source around a body; each is one life of the daemon.
    func life(
        _ subscriptions: [TriggerSubscription]?, memory name: String = "triggers.db",
        _ body: (TriggerDesk) async throws -> Void
    ) async throws {
        let memory = try CronMemory(path: directory + "/" + name)
        let woken = woken
        let source = CronSource(
            memory: memory, prewake: .milliseconds(500),
            wake: { name in woken.names.withLock { $0.append(name) } }, clock: time.clock,
            logger: Logger(label: "cron") { _ in SwiftLogNoOpLogHandler() })
        let desk = TriggerDesk(
            queue: queue, sources: [source], logger: Logger(label: "desk") { _ in SwiftLogNoOpLogHandler() })
        if let subscriptions { desk.adopt(subscriptions) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            try await body(desk)
            group.cancelAll()
        }
        try memory.close()
    }

    func calls() async throws -> [CallRecord] { try await queue.list(CallFilter()).reversed() }

    /// Lets time pass in steps, so that each timer is seen.
    func pass(_ desk: TriggerDesk, _ duration: Duration) async throws {
        let end = queue.now + duration.milliseconds
        while queue.now < end {
            time.advance(by: .milliseconds(100))
            // The source looks at the clock as soon as it has the processor.
            for _ in 0..<5 { await Task.yield() }
        }
    }

    static func subscription(
        _ schedule: String, function: String = "f", change: (inout CronSettings) -> Void = { _ in }
    ) throws -> TriggerSubscription {
        var cron = CronSettings(try CronSchedule(schedule), text: schedule)
        change(&cron)
        var settings = TriggerSettings()
        settings.cron = cron
        return TriggerSubscription(
            function: Calls.name(function), identity: "1", queue: "cron", settings: settings)
    }
}

struct CronSourceTests {
    @Test func aRunIsACallThatTellsWhereItIsFrom() async throws {
        try await CronFixture.with { fixture in
            let subscription = try CronFixture.subscription("@every 10s") {
                $0.body = "{}"
                $0.contentType = "application/json"
            }
            try await fixture.life([subscription]) { desk in
                try await eventually("the next run is known") { desk.lines.first?.nextRun != nil }
                let next = try #require(desk.lines.first?.nextRun)
                fixture.time.advance(by: .milliseconds(next - 400 - fixture.queue.now))
                try await eventually("the function is made ready") {
                    fixture.woken.names.withLock { $0 } == [Calls.name("f")]
                }
                #expect(try await fixture.calls().isEmpty)
                fixture.time.advance(by: .milliseconds(400))
                try await eventually("it is told of") { desk.lines.first?.lastCall != nil }
                let line = try #require(desk.lines.first)
                #expect(line.source == "cron" && line.counts.delivered == 1 && line.lastError == nil)
            }
            let lease = try await fixture.store.leaseOne(now: fixture.queue.now)
            let call = lease.call
            #expect(call.queue == "cron" && call.idempotencyKey == "cron 1970-01-01T00:16:50Z")
            #expect(call.request.method == "POST" && call.request.target.isEmpty)
            #expect(call.request.body == Data("{}".utf8))
            #expect(
                call.request.headers == [
                    HeaderField("X-Topic", "cron-function"), HeaderField("Content-Type", "application/json"),
                    HeaderField("X-Connector", "cron-connector"),
                    HeaderField("X-Faasd-Scheduled", "1970-01-01T00:16:50Z"),
                ])
        }
    }

    /// The daemon is killed after a run has come into the queue and before that is remembered; and two daemons share
    /// one queue.
    @Test func aRunIsMadeOnceThoughItIsMadeTwice() async throws {
        try await CronFixture.with { fixture in
            let subscription = try CronFixture.subscription("@every 10s")
            for memory in ["one.db", "two.db"] {
                try await fixture.life([subscription], memory: memory) { desk in
                    try await eventually("it is looked at") { desk.lines.first?.nextRun != nil }
                }
            }
            fixture.time.advance(by: .seconds(15))
            for (memory, repeats) in [("one.db", UInt64(0)), ("two.db", 1)] {
                try await fixture.life([subscription], memory: memory) { desk in
                    try await eventually("it is told of") { desk.lines.first?.lastCall != nil }
                    #expect(desk.lines.first?.counts.repeated == repeats)
                }
            }
            #expect(try await fixture.calls().count == 1)
        }
    }

    /// The provider tells which functions there are some while after the start.
    @Test func nothingIsForgottenBeforeTheFunctionsAreKnown() async throws {
        try await CronFixture.with { fixture in
            let subscription = try CronFixture.subscription("@every 10s")
            try await fixture.life([subscription]) { desk in
                try await eventually("it is looked at") { desk.lines.first?.nextRun != nil }
            }
            fixture.time.advance(by: .seconds(15))
            try await fixture.life(nil) { desk in
                for _ in 0..<100 { await Task.yield() }
                desk.adopt([subscription])
                try await eventually("what was missed is made up for") { desk.lines.first?.lastCall != nil }
            }
        }
    }

    @Test func aFullQueueIsTriedAgain() async throws {
        var limits = QueueLimits()
        limits.calls = 1
        try await CronFixture.with(limits: limits) { fixture in
            _ = try await fixture.queue.submit(Calls.make("in the way"))
            try await fixture.life([try CronFixture.subscription("@every 10s")]) { desk in
                try await eventually("it has failed") {
                    fixture.time.advance(by: .seconds(1))
                    return (desk.lines.first?.counts.failed ?? 0) > 0
                }
                #expect(desk.lines.first?.lastError?.contains("queue is full") == true)
                try await fixture.queue.cancel("in the way")
                try await eventually("it is in the queue") {
                    fixture.time.advance(by: .seconds(1))
                    return desk.lines.first?.counts.delivered == 1
                }
                #expect(desk.lines.first?.lastError == nil)
            }
        }
    }

    @Test func aRunIsLeftOutWhileTheOneBeforeIsUnderWay() async throws {
        try await CronFixture.with { fixture in
            let subscription = try CronFixture.subscription("@every 2s") { $0.overlap = .skip }
            try await fixture.life([subscription]) { desk in
                try await eventually("runs are left out") {
                    fixture.time.advance(by: .seconds(1))
                    return (desk.lines.first?.counts.overlapped ?? 0) >= 2
                }
                #expect(try await fixture.calls().count == 1)
                try await fixture.queue.cancel(try #require(desk.lines.first?.lastCall))
                try await eventually("the next is made") {
                    fixture.time.advance(by: .seconds(1))
                    return try await fixture.calls().count == 2
                }
            }
        }
    }

    @Test func aRunWaitsForTheOneBefore() async throws {
        try await CronFixture.with { fixture in
            let subscription = try CronFixture.subscription("@every 2s") { $0.overlap = .queue }
            try await fixture.life([subscription]) { desk in
                try await eventually("the first is made") {
                    fixture.time.advance(by: .seconds(1))
                    return try await fixture.calls().count == 1
                }
                for number in 1...3 {
                    try await fixture.pass(desk, .seconds(2))
                    #expect(try await fixture.calls().count == number)
                    try await fixture.queue.cancel(try #require(desk.lines.first?.lastCall))
                    try await eventually("the next is made") {
                        fixture.time.advance(by: .seconds(1))
                        return try await fixture.calls().count == number + 1
                    }
                }
                #expect(desk.lines.first?.counts.overlapped == 0)
            }
        }
    }

    @Test func aFunctionThatIsGoneHasNoRuns() async throws {
        try await CronFixture.with { fixture in
            let subscriptions = [
                try CronFixture.subscription("@every 2s"), try CronFixture.subscription("@every 2s", function: "g"),
            ]
            try await fixture.life(subscriptions) { desk in
                try await eventually("both run") {
                    fixture.time.advance(by: .seconds(1))
                    return try await fixture.calls().count >= 2
                }
                desk.adopt([subscriptions[1]])
                try await eventually("the other runs on") {
                    fixture.time.advance(by: .seconds(1))
                    return (desk.lines.first?.counts.delivered ?? 0) > 4
                }
                #expect(desk.lines.count == 1)
            }
            let memory = try CronMemory(path: fixture.directory + "/triggers.db")
            #expect(try await memory.load().keys.map(\.name) == ["g"])
            try memory.close()
            let first = try await fixture.calls().filter { $0.function.name == "f" }
            #expect(first.count < 4)
        }
    }

    @Test func eventsForSeveralFunctionsAreCallsOfEach() async throws {
        try await CronFixture.with { fixture in
            let desk = TriggerDesk(
                queue: fixture.queue, sources: [], logger: Logger(label: "desk") { _ in SwiftLogNoOpLogHandler() })
            desk.adopt(
                ["a", "b", "c"].map { name in
                    var settings = TriggerSettings()
                    settings.topics = name == "c" ? ["other"] : ["orders", "other"]
                    return TriggerSubscription(
                        function: Calls.name(name), identity: "1", queue: "q", settings: settings)
                })
            let event = TriggerEvent(topic: "orders", key: "once", body: Data("x".utf8), contentType: "text/plain")
            let calls = try await desk.deliver(event)
            #expect(calls.map(\.function.name) == ["a", "b"] && calls.allSatisfy { !$0.isRepeated })
            let again = try await desk.deliver(event)
            #expect(again.map(\.id) == calls.map(\.id) && again.allSatisfy { $0.isRepeated })
            let nobody = TriggerEvent(topic: "nobody", key: nil, body: Data(), contentType: "text/plain")
            #expect(try await desk.deliver(nobody).isEmpty)
        }
    }
}
