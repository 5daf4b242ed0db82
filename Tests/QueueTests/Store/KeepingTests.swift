import Foundation
import GRDB
import OpenFaaSAPI
import Testing

@testable import Queue

/// What was taken is kept.
struct KeepingTests {
    @Test(arguments: StoreKind.allCases) func aCallIsThereForTheNextRun(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, fixture in
            let call = Calls.make("one", body: "hello", callback: "http://example.com/", key: "k", at: 5)
            #expect(try await store.append(call) == Appended(id: "one", isRepeated: false))
            // Not closed: as after a crash.
            let second = try await fixture.another()
            #expect(second.counts().live == 1 && second.counts().bytes == call.request.byteCount)
            #expect(second.counts().backlogs[Backlog(queue: "faas-request", function: Calls.function)]?.waiting == 1)
            let lease = try await second.leaseOne(now: 5)
            #expect(lease.call == call && lease.attempt == 1)
        }
    }

    @Test func commitsReachTheDisk() async throws {
        try await StoreFixture.withFile { store, _, path in
            let level = try await store.database.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            #expect(level == 2)
            let vacuum = try await store.database.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") }
            #expect(vacuum == 2)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let log = try FileManager.default.attributesOfItem(atPath: path + "-wal")
            #expect(log[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func manyCallsShareACommit() async throws {
        try await StoreFixture.withFile { store, _, _ in
            let before = store.counts().commits
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask { _ = try await store.append(Calls.make("\(number)")) }
                }
                try await group.waitForAll()
            }
            #expect(store.counts().live == 500)
            #expect(store.counts().commits - before < 250)
        }
    }

    @Test(arguments: StoreKind.allCases) func aClientThatGoesAwayDoesNotUndoTheCommit(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            let client = Task { try await store.append(Calls.make("one")) }
            client.cancel()
            let appended = try await client.value
            let kept = try await store.call("one")
            #expect(appended.id == "one" && kept?.state == .waiting)
        }
    }

    @Test(arguments: StoreKind.allCases) func aFullQueueRefusesAndHasRoomAgain(kind: StoreKind) async throws {
        var limits = QueueLimits()
        limits.calls = 2
        try await StoreFixture.with(kind, limits) { store, _ in
            _ = try await store.append(Calls.make("one"))
            _ = try await store.append(Calls.make("two"))
            let error = await #expect(throws: QueueError.self) { _ = try await store.append(Calls.make("three")) }
            #expect(error?.code == .full && error?.message.contains("2 calls of 2") == true)
            let lease = try await store.leaseOne()
            try await store.finish(lease, .succeeded(CallAnswer(status: 200), duration: .zero), now: 1)
            _ = try await store.append(Calls.make("three"))
        }
    }

    @Test(arguments: StoreKind.allCases) func bytesAreBounded(kind: StoreKind) async throws {
        var limits = QueueLimits()
        limits.bytes = 200
        try await StoreFixture.with(kind, limits) { store, _ in
            _ = try await store.append(Calls.make(body: String(repeating: "x", count: 100)))
            let error = await #expect(throws: QueueError.self) {
                _ = try await store.append(Calls.make(body: String(repeating: "x", count: 100)))
            }
            #expect(error?.code == .full)
        }
    }

    @Test(arguments: StoreKind.allCases) func anIdempotencyKeyMakesTwoCallsOne(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            #expect(try await store.append(Calls.make("one", key: "k")).id == "one")
            #expect(try await store.append(Calls.make("two", key: "k")) == Appended(id: "one", isRepeated: true))
            #expect(try await store.append(Calls.make("three", function: Calls.name("g"), key: "k")).id == "three")
            let lease = try await store.leaseOne()
            try await store.finish(lease, .succeeded(CallAnswer(status: 200), duration: .zero), now: 1)
            // Also when it has run already.
            #expect(try await store.append(Calls.make("four", key: "k")).isRepeated)
            #expect(store.counts().live == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func anIdentityThatIsTakenIsReplaced(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, _ in
            _ = try await store.append(Calls.make("one"))
            let second = try await store.append(Calls.make("one"))
            #expect(second.id != "one" && !second.isRepeated)
            #expect(store.counts().live == 2)
        }
    }

    @Test(arguments: StoreKind.allCases) func aCallThatWasRunningWaitsAgain(kind: StoreKind) async throws {
        try await StoreFixture.with(kind) { store, fixture in
            _ = try await store.append(Calls.make("one", callback: "http://example.com/"))
            _ = try await store.append(Calls.make("two", callback: "http://example.com/"))
            let lease = try await store.leaseOne()
            try await store.finish(lease, .succeeded(CallAnswer(status: 200), duration: .zero), now: 1)
            #expect(try await store.leaseOne().call.id == "two")
            _ = try await store.callbackOne(now: 1)
            await fixture.vanish(store)
            let second = try await fixture.another()
            // A file's next run knows that nothing runs; a node waits for a while whether the other comes back.
            #expect(try await second.call("two")?.state == (kind == .sqlite ? .waiting : .running))
            #expect(try await second.leaseOne().attempt == 2)
            #expect(try await second.callbackOne(now: 1).callbackAttempt == 2)
        }
    }
}
