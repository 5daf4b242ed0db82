import Foundation
import OpenFaaSAPI
import Testing

@testable import Queue

/// The ways of a call through each store.
struct LifeTests {
    private let answer = CallAnswer(status: 200, headers: [HeaderField("A", "b")], body: Data("result".utf8))

    @Test(arguments: StoreKind.allCases) func theOldestIsBegunFirstAndOnlyOnce(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            for id in ["one", "two", "three"] { _ = try await store.append(Calls.make(id)) }
            #expect(try await store.lease(LeaseCapacity(total: 2), now: 0).calls.map(\.call.id) == ["one", "two"])
            #expect(try await store.lease(LeaseCapacity(total: 2), now: 0).calls.map(\.call.id) == ["three"])
            #expect(try await store.lease(LeaseCapacity(total: 2), now: 0).calls.isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func aRetryWaitsForItsTime(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one"))
            let first = try await store.leaseOne()
            try await store.finish(
                first, .retry(at: 1000, reason: "it failed", status: 500, duration: .milliseconds(2)), now: 1)
            let early = try await store.lease(LeaseCapacity(total: 1), now: 999)
            #expect(early.calls.isEmpty && early.nextDue == 1000)
            let record = try #require(try await store.call("one"))
            #expect(record.state == .waiting && record.dueAt == 1000 && record.attempts == 1)
            #expect(record.error == "it failed" && record.status == 500 && record.microseconds == 2000)
            #expect(try await store.leaseOne(now: 1000).attempt == 2)
        }
    }

    @Test(arguments: StoreKind.allCases) func aReleasedAttemptDoesNotCount(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one"))
            let lease = try await store.leaseOne()
            try await store.finish(lease, .released, now: 1)
            #expect(try await store.leaseOne().attempt == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func aDeadLetterIsRedriven(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            let call = Calls.make("one", body: "hello")
            _ = try await store.append(call)
            let lease = try await store.leaseOne()
            try await store.finish(lease, .dead(reason: "no", nil, duration: .zero), now: 1)
            #expect(store.counts().dead == 1 && store.counts().live == 0 && store.counts().bytes == 0)
            #expect(store.counts().deadBytes == call.request.byteCount)
            try await store.redrive("one", now: 2)
            #expect(store.counts().dead == 0 && store.counts().live == 1)
            #expect(store.counts().bytes == call.request.byteCount && store.counts().deadBytes == 0)
            let again = try await store.leaseOne(now: 2)
            #expect(again.call.request.body == Data("hello".utf8) && again.attempt == 1)
            let error = await #expect(throws: QueueError.self) { try await store.redrive("one", now: 2) }
            #expect(error?.code == .wrongState)
        }
    }

    @Test(arguments: StoreKind.allCases) func manyDeadLettersAreRedrivenAtOnce(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            for name in ["f", "f", "g"] { _ = try await store.append(Calls.make(function: Calls.name(name))) }
            for lease in try await store.lease(LeaseCapacity(total: 9), now: 0).calls {
                try await store.finish(lease, .dead(reason: "no", nil, duration: .zero), now: 1)
            }
            var filter = CallFilter()
            filter.function = Calls.name("f")
            #expect(try await store.redrive(filter, now: 2) == 2)
            #expect(store.counts().dead == 1 && store.counts().live == 2)
        }
    }

    @Test(arguments: StoreKind.allCases) func aCancelledCallIsNotRunAndNotEndedTwice(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("waits"))
            _ = try await store.append(Calls.make("runs"))
            let running = try await store.leaseOne()
            for id in ["waits", "runs"] { _ = try await store.cancel(id, now: 1) }
            #expect(try await store.lease(LeaseCapacity(total: 1), now: 1).calls.isEmpty)
            try await store.finish(running, .succeeded(answer, duration: .zero), now: 2)
            try await store.finish(running, .retry(at: 0, reason: "", status: nil, duration: .zero), now: 2)
            #expect(try await store.call("runs")?.state == .cancelled)
            let counts = store.counts()
            #expect(counts.live == 0 && counts.bytes == 0 && counts.finished == 2)
            #expect(counts.backlogs.values.allSatisfy { $0.running == 0 && $0.waiting == 0 })
            let error = await #expect(throws: QueueError.self) { _ = try await store.cancel("runs", now: 3) }
            #expect(error?.code == .wrongState)
            let missing = await #expect(throws: QueueError.self) { _ = try await store.cancel("nowhere", now: 3) }
            #expect(missing?.code == .notFound)
        }
    }

    @Test(arguments: StoreKind.allCases) func aCallbackIsTriedUntilItIsTaken(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one", callback: "http://example.com/"))
            let lease = try await store.leaseOne()
            try await store.finish(lease, .succeeded(answer, duration: .milliseconds(5)), now: 1)
            #expect(store.counts().callbacks == 1 && store.counts().live == 1)
            let first = try await store.callbackOne(now: 1)
            #expect(first.answer == answer && first.duration == .milliseconds(5) && first.attempts == 1)
            #expect(try await store.leaseCallbacks(limit: 9, now: 1).callbacks.isEmpty)
            try await store.finish(first, .retry(at: 50, reason: "away"), now: 2)
            #expect(try await store.leaseCallbacks(limit: 9, now: 49).nextDue == 50)
            #expect(try await store.call("one")?.callback?.error == "away")
            let second = try await store.callbackOne(now: 50)
            #expect(second.callbackAttempt == 2)
            try await store.finish(second, .delivered, now: 51)
            #expect(try await store.call("one")?.callback?.state == .delivered)
            #expect(store.counts().callbacks == 0 && store.counts().live == 0 && store.counts().bytes == 0)
        }
    }

    @Test(arguments: StoreKind.allCases) func theCallbackOfADeadLetterComesBeforeItIsOne(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one", body: "x", callback: "http://example.com/"))
            let lease = try await store.leaseOne()
            try await store.finish(lease, .dead(reason: "no", nil, duration: .zero), now: 1)
            #expect(store.counts().dead == 0 && store.counts().live == 1)
            let early = await #expect(throws: QueueError.self) { try await store.redrive("one", now: 1) }
            #expect(early?.code == .wrongState)
            let callback = try await store.callbackOne(now: 1)
            #expect(callback.answer.status == 503)
            try await store.finish(callback, .failed(reason: "gone"), now: 2)
            #expect(store.counts().dead == 1 && store.counts().live == 0 && store.counts().bytes == 0)
            try await store.redrive("one", now: 3)
        }
    }

    @Test(arguments: StoreKind.allCases) func oldCallsAreForgotten(kind: StoreKind) async throws {
        var limits = QueueLimits()
        limits.retention = .seconds(10)
        limits.finishedCalls = 3
        limits.deadCalls = 1
        try await StoreFixture.with(kind, limits) { store, _ in
            for number in 0..<7 { _ = try await store.append(Calls.make("\(number)")) }
            for (number, lease) in try await store.lease(LeaseCapacity(total: 9), now: 0).calls.enumerated() {
                let verdict: CallVerdict =
                    number < 5
                    ? .succeeded(CallAnswer(status: 200), duration: .zero) : .dead(reason: "no", nil, duration: .zero)
                try await store.finish(lease, verdict, now: Int64(number))
            }
            #expect(try await !store.prune(now: 100))
            #expect(try await store.list(CallFilter()).map(\.id) == ["6", "4", "3", "2"])
            #expect(store.counts().finished == 3 && store.counts().dead == 1)
            #expect(try await !store.prune(now: 10_003))
            #expect(try await store.list(CallFilter()).map(\.id) == ["6", "4", "3"])
            #expect(try await !store.prune(now: limits.deadRetention.milliseconds + 10))
            #expect(try await store.list(CallFilter()).isEmpty)
            #expect(store.counts().deadBytes == 0)
        }
    }

    @Test(arguments: StoreKind.allCases) func callsAreListedByWhatMatters(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one", function: Calls.name("g"), at: 7))
            _ = try await store.append(Calls.make("two", queue: "slow", at: 8))
            _ = try await store.append(Calls.make("three", at: 9))
            var filter = CallFilter()
            filter.limit = 2
            let page = try await store.list(filter)
            #expect(page.map(\.id) == ["three", "two"])
            filter.before = page.last?.number
            #expect(try await store.list(filter).map(\.id) == ["one"])
            filter = CallFilter()
            filter.function = Calls.name("g")
            #expect(try await store.list(filter).map(\.id) == ["one"])
            filter = CallFilter()
            filter.queue = "slow"
            filter.state = .waiting
            #expect(try await store.list(filter).map(\.id) == ["two"])
            let oldest = try await store.oldest()
            #expect(oldest[Backlog(queue: "slow", function: Calls.function)] == 8 && oldest.count == 3)
        }
    }

    /// Random events leave the counts as the table has them.
    @Test(arguments: StoreKind.allCases, [1, 2, 3]) func theCountsAgreeWithTheTable(kind: StoreKind, seed: UInt64)
        async throws
    {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        try await StoreFixture.with(kind) { store, fixture in
            var leases: [LeasedCall] = []
            var callbacks: [LeasedCallback] = []
            for step in 0..<400 {
                let now = Int64(step)
                switch random(8) {
                case 0, 1, 2:
                    let callback = random(2) == 0 ? "http://example.com/" : nil
                    _ = try await store.append(Calls.make("\(step)", body: "x", callback: callback, at: now))
                case 3: leases += try await store.lease(LeaseCapacity(total: 2), now: now).calls
                case 4 where !leases.isEmpty:
                    let verdicts: [CallVerdict] = [
                        .succeeded(answer, duration: .zero), .dead(reason: "no", answer, duration: .zero), .released,
                        .retry(at: now, reason: "later", status: nil, duration: .zero),
                    ]
                    try await store.finish(leases.remove(at: random(leases.count)), verdicts[random(4)], now: now)
                case 5: callbacks += try await store.leaseCallbacks(limit: 1, now: now).callbacks
                case 6 where !callbacks.isEmpty:
                    let verdicts: [CallbackVerdict] = [
                        .delivered, .failed(reason: "no"), .released, .retry(at: now, reason: "later"),
                    ]
                    try await store.finish(callbacks.removeLast(), verdicts[random(4)], now: now)
                default:
                    _ = try? await store.cancel("\(random(step + 1))", now: now)
                    try? await store.redrive("\(random(step + 1))", now: now)
                }
            }
            for lease in leases { try await store.finish(lease, .released, now: 400) }
            for callback in callbacks { try await store.finish(callback, .released, now: 400) }
            let counted = store.counts()
            let again = try await fixture.another()
            // Another node is told of what there is a little later.
            try await eventually("the counts agree") {
                let read = again.counts()
                return counted.live == read.live && counted.bytes == read.bytes && counted.dead == read.dead
                    && counted.finished == read.finished && counted.deadBytes == read.deadBytes
                    && counted.callbacks == read.callbacks
                    && counted.backlogs.values.reduce(0) { $0 + $1.waiting }
                        == read.backlogs.values.reduce(0) { $0 + $1.waiting }
            }
        }
    }
}
