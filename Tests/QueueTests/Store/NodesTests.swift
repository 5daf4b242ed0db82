import Foundation
import Logging
import NATS
import OpenFaaSAPI
import Synchronization
import TestSupport
import Testing

@testable import Queue

/// Several daemons that share the streams of a server, and a server that goes and comes.
struct NodesTests {
    private let silent = Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a queue for each store around a body, and stops them.
    private func withQueues(
        _ stores: [any CallStore], sender: any CallSender, limits: DispatchLimits = DispatchLimits(),
        _ body: ([CallQueue]) async throws -> Void
    ) async throws {
        let queues = stores.map { CallQueue(store: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for queue in queues {
                group.addTask {
                    await queue.run(
                        sender: sender, callbackSender: ScriptedCallbackSender(), settings: FixedSettings(),
                        limits: limits, logger: silent)
                }
            }
            defer { for queue in queues { queue.stop() } }
            try await body(queues)
        }
    }

    @Test func eachCallRunsOnOneNode() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let stores = [
                try await fixture.node(takeover: .seconds(30)), try await fixture.node(takeover: .seconds(30)),
            ]
            let running = Noted()
            let twice = Noted()
            let sender = ScriptedSender { call, _ in
                if !running.note(call.id) { _ = twice.note(call.id) }
                try? await Task.sleep(for: .milliseconds(2))
                running.forget(call.id)
                return .answered(CallAnswer(status: 200))
            }
            try await withQueues(stores, sender: sender) { queues in
                for number in 0..<500 {
                    _ = try await queues[number % 2].submit(
                        Calls.make("\(number)", function: Calls.name("f\(number % 3)")))
                }
                // The stream tells of an end before the node that wrote it has counted it as its own.
                let ended = {
                    queues.map { queue in
                        queue.counts().backlogs.values.reduce(0) { $0 + ($1.ended[.succeeded] ?? 0) }
                    }
                }
                try await eventually("all have run", within: .seconds(60)) {
                    queues.allSatisfy { $0.counts().finished == 500 } && ended().reduce(0, +) == 500
                }
                #expect(ended().allSatisfy { $0 > 0 }, "\(ended())")
            }
            #expect(Set(sender.sent).count == 500 && sender.sent.count == 500)
            #expect(twice.all.isEmpty)
        }
    }

    @Test func aVanishedNodesCallIsRunByAnother() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let first = try await fixture.node(takeover: .seconds(1))
            _ = try await first.append(Calls.make("one"))
            _ = try await first.leaseOne()
            let second = try await fixture.node(takeover: .seconds(1))
            // As long as the first reports that the call runs, it stays with it.
            let end = ContinuousClock.now + .seconds(3)
            while ContinuousClock.now < end {
                #expect(try await second.lease(LeaseCapacity(total: 1), now: second.now).calls.isEmpty)
                try await Task.sleep(for: .milliseconds(50))
            }
            await fixture.vanish(first)
            let lease = try await second.leaseOne()
            #expect(lease.call.id == "one" && lease.attempt == 2)
            #expect(try await second.call("one")?.error == "the daemon ended while the call was running")
            try await second.finish(lease, .succeeded(CallAnswer(status: 200), duration: .zero), now: 1)
            #expect(second.counts().finished == 1 && second.counts().live == 0)
        }
    }

    @Test func aLongCallRunsOnce() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let stores = [
                try await fixture.node(takeover: .seconds(1)), try await fixture.node(takeover: .seconds(1)),
            ]
            let sender = ScriptedSender { _, _ in
                try? await Task.sleep(for: .seconds(4))
                return .answered(CallAnswer(status: 200))
            }
            try await withQueues(stores, sender: sender) { queues in
                _ = try await queues[0].submit(Calls.make("long", at: queues[0].now))
                try await eventually("it has run") { queues.allSatisfy { $0.counts().finished == 1 } }
            }
            #expect(sender.sent == ["long"])
        }
    }

    @Test func aCallIsCalledOffFromAnotherNode() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let (first, second) = (try await fixture.node(), try await fixture.node())
            let sender = ScriptedSender { _, _ in
                // Until it is cancelled.
                try? await Task.sleep(for: .seconds(60))
                return .interrupted
            }
            try await withQueues([first], sender: sender) { queues in
                _ = try await queues[0].submit(Calls.make("one"))
                try await eventually("it runs, and the other knows") {
                    try await second.call("one")?.state == .running && sender.sent == ["one"]
                }
                _ = try await second.cancel("one", now: 1)
                try await eventually("it has ended") { sender.state.withLock { $0.running } == 0 }
                try await eventually("both know") { try await first.call("one")?.state == .cancelled }
            }
        }
    }

    @Test func aKeyIsOneCallOnAllNodes() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let stores = [try await fixture.node(), try await fixture.node()]
            let ids = Noted()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let appended = try await stores[number % 2].append(Calls.make("\(number)", key: "k"))
                        _ = ids.note(appended.id)
                    }
                }
                try await group.waitForAll()
            }
            #expect(ids.all.count == 1)
            try await eventually("both have it") { stores.allSatisfy { $0.counts().live == 1 } }
        }
    }

    @Test func nothingIsLostWhenTheServerIsKilled() async throws {
        try await StoreFixture.withServer { fixture, server in
            let stores = [try await fixture.node(), try await fixture.node()]
            let sender = ScriptedSender { _, _ in .answered(CallAnswer(status: 200)) }
            let taken = Noted()
            try await withQueues(stores, sender: sender) { queues in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (place, queue) in queues.enumerated() {
                        group.addTask {
                            for number in 0..<300 {
                                let call = Calls.make("\(place)-\(number)", body: "x", at: queue.now)
                                // What is refused may be kept all the same; what is taken must be.
                                guard let appended = try? await queue.submit(call) else {
                                    try await Task.sleep(for: .milliseconds(10))
                                    continue
                                }
                                _ = taken.note(appended.id)
                            }
                        }
                    }
                    for _ in 0..<2 {
                        let before = taken.all.count
                        try await eventually("calls are taken") { taken.all.count > before + 50 }
                        server.kill()
                        try await server.start()
                    }
                    try await group.waitForAll()
                }
                let ids = taken.all
                #expect(ids.count > 100)
                try await eventually("all have run", within: .seconds(60)) {
                    let sent = Set(sender.sent)
                    return ids.allSatisfy(sent.contains)
                }
                try await eventually("nothing waits or runs", within: .seconds(60)) {
                    queues.allSatisfy { $0.counts().live == 0 }
                }
            }
        }
    }

    @Test func aServerMayComeLater() async throws {
        try await StoreFixture.withServer { fixture, server in
            server.kill()
            let store = try await fixture.node(isReady: false)
            let error = await #expect(throws: QueueError.self) { _ = try await store.append(Calls.make("one")) }
            #expect(error?.code == .storeFailed && error?.message.contains("no connection") == true)
            try await server.start()
            try await eventually("a call is taken") { (try? await store.append(Calls.make("one"))) != nil }
            #expect(try await store.leaseOne().call.id == "one")
        }
    }

    @Test func strangersDoNoHarm() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let store = try await fixture.node()
            for subject in ["faasd.call.faas-request.openfaas-fn.f", "faasd.record.x", "faasd.answer.x"] {
                for head in ["", "{}", "{\"id\":\"x\",\"fieldBytes\":-1}"] {
                    _ = try await store.streams.publish(subject, headers: ["Faasd-Head": head], payload: [1, 2, 3])
                }
            }
            _ = try await store.append(Calls.make("one"))
            #expect(try await store.leaseOne().call.id == "one")
            #expect(try await store.leaseCallbacks(limit: 9, now: 1).callbacks.isEmpty)
            #expect(store.counts().live == 1)
            let second = try await fixture.node()
            #expect(second.counts().live == 1)
        }
    }

    @Test func aCallThatTheServerDoesNotTakeIsTooLarge() async throws {
        try await StoreFixture.withServer { fixture, _ in
            let store = try await fixture.node()
            let error = await #expect(throws: QueueError.self) {
                _ = try await store.append(Calls.make(body: String(repeating: "x", count: 1 << 20)))
            }
            #expect(error?.code == .tooLarge && error?.message.contains("max_payload") == true)
            #expect(store.counts().live == 0)
        }
    }
}

/// Identities that tasks note.
private final class Noted: Sendable {
    private let ids = Mutex<Set<String>>([])

    var all: Set<String> { ids.withLock { $0 } }

    /// - Returns: whether it was not there.
    func note(_ id: String) -> Bool { ids.withLock { $0.insert(id).inserted } }

    func forget(_ id: String) {
        ids.withLock { _ = $0.remove(id) }
    }
}

extension JetStreamCallStore {
    fileprivate var now: Int64 { QueueClock.system.now() }
}
