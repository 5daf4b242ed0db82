import Foundation
import Logging
import OpenFaaSAPI
import Synchronization
import Testing

@testable import Queue

struct DispatcherTests {
    /// Runs a queue around a body, and stops it.
    private func withQueue(
        _ kind: StoreKind, sender: ScriptedSender, callbacks: ScriptedCallbackSender = ScriptedCallbackSender(),
        settings: AsyncSettings = AsyncSettings(), limits: DispatchLimits = DispatchLimits(),
        clock: QueueClock = .system, _ body: (CallQueue, any CallStore) async throws -> Void
    ) async throws {
        var kept = QueueLimits()
        // A test's clock may run far ahead.
        kept.retention = .seconds(1_000_000)
        try await StoreFixture.with(kind, kept) { store, _ in
            let queue = CallQueue(store: store, clock: clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await queue.run(
                        sender: sender, callbackSender: callbacks, settings: FixedSettings(settings: settings),
                        limits: limits, logger: Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() })
                }
                defer { queue.stop() }
                try await body(queue, store)
                queue.stop()
                try await group.waitForAll()
            }
        }
    }

    private func state(_ id: String, _ queue: CallQueue) async throws -> CallState? { try await queue.call(id)?.state }

    @Test(arguments: StoreKind.allCases) func aCallIsSentAndItsResultIsTold(kind: StoreKind) async throws {
        let sender = ScriptedSender { call, _ in
            .answered(CallAnswer(status: 201, body: call.request.body))
        }
        let callbacks = ScriptedCallbackSender()
        try await withQueue(kind, sender: sender, callbacks: callbacks) { queue, _ in
            _ = try await queue.submit(Calls.make("one", body: "hello", callback: "http://example.com/"))
            try await eventually("the callback is taken") {
                try await queue.call("one")?.callback?.state == .delivered
            }
            #expect(sender.sent == ["one"])
            let told = try #require(callbacks.sent.first)
            #expect(told.answer.status == 201 && told.answer.body == Data("hello".utf8) && told.id == "one")
            #expect(try await state("one", queue) == .succeeded)
        }
    }

    @Test(arguments: StoreKind.allCases) func aFailingCallIsTriedAgainAndThenDead(kind: StoreKind) async throws {
        let sender = ScriptedSender { _, _ in .answered(CallAnswer(status: 500)) }
        var settings = AsyncSettings()
        settings.attempts = 4
        let time = ManualClock()
        try await withQueue(kind, sender: sender, settings: settings, clock: time.clock) { queue, _ in
            _ = try await queue.submit(Calls.make("one", at: queue.now))
            try await eventually("it is sent") { sender.sent.count == 1 }
            // Nothing comes before its time.
            time.advance(by: .seconds(9))
            #expect(sender.sent.count == 1)
            try await eventually("the call is dead") {
                time.advance(by: .seconds(1))
                return try await state("one", queue) == .dead
            }
            #expect(sender.sent.count == 4)
            let record = try #require(try await queue.call("one"))
            #expect(record.error == "the function answered 500; it was sent 4 times" && record.status == 500)
            try await queue.redrive("one")
            try await eventually("the call is dead again") {
                time.advance(by: .seconds(1))
                return sender.sent.count == 8
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func aCallThatSucceedsLaterIsDone(kind: StoreKind) async throws {
        let sender = ScriptedSender { _, number in
            number < 2 ? .failed("refused") : .answered(CallAnswer(status: 200))
        }
        let time = ManualClock()
        try await withQueue(kind, sender: sender, clock: time.clock) { queue, _ in
            _ = try await queue.submit(Calls.make("one", at: queue.now))
            try await eventually("the call is done") {
                time.advance(by: .seconds(1))
                return try await state("one", queue) == .succeeded
            }
            #expect(sender.sent.count == 3)
        }
    }

    @Test(arguments: StoreKind.allCases) func callbacksAreTriedAgainAndGivenUp(kind: StoreKind) async throws {
        let sender = ScriptedSender { _, _ in .answered(CallAnswer(status: 200)) }
        let callbacks = ScriptedCallbackSender { callback in
            switch callback.id {
            case "later": callback.callbackAttempt < 3 ? .failed("away") : .delivered
            case "refused": .refused("private")
            default: .failed("away")
            }
        }
        let time = ManualClock()
        try await withQueue(kind, sender: sender, callbacks: callbacks, clock: time.clock) { queue, _ in
            for id in ["later", "never", "refused"] {
                _ = try await queue.submit(Calls.make(id, callback: "http://example.com/", at: queue.now))
            }
            try await eventually("all are settled") {
                time.advance(by: .seconds(20))
                return queue.counts().callbacks == 0 && queue.counts().finished == 3
            }
            #expect(try await queue.call("later")?.callback?.attempts == 3)
            let never = try #require(try await queue.call("never")?.callback)
            #expect(never.state == .failed && never.attempts == Dispatcher.callbackSettings.attempts)
            let refused = try #require(try await queue.call("refused")?.callback)
            #expect(refused.state == .failed && refused.attempts == 1 && refused.error == "private")
        }
    }

    @Test(arguments: StoreKind.allCases) func concurrencyIsBounded(kind: StoreKind) async throws {
        let gate = Gate()
        let sender = ScriptedSender { _, _ in
            await gate.wait()
            return .answered(CallAnswer(status: 200))
        }
        var settings = AsyncSettings()
        settings.concurrency = 2
        var limits = DispatchLimits()
        limits.concurrency = 5
        try await withQueue(kind, sender: sender, settings: settings, limits: limits) { queue, _ in
            for function in ["f", "g", "h"] {
                for _ in 0..<4 { _ = try await queue.submit(Calls.make(function: Calls.name(function))) }
            }
            try await eventually("five run") { sender.sent.count == 5 }
            gate.open()
            try await eventually("all are done") { queue.counts().finished == 12 }
            #expect(sender.state.withLock { $0.mostRunning } <= 5)
        }
    }

    @Test(arguments: StoreKind.allCases) func aRunningCallIsCalledOff(kind: StoreKind) async throws {
        let sender = ScriptedSender { _, _ in
            // Until it is cancelled.
            try? await Task.sleep(for: .seconds(60))
            return .interrupted
        }
        try await withQueue(kind, sender: sender) { queue, _ in
            _ = try await queue.submit(Calls.make("one"))
            try await eventually("it runs") { sender.sent == ["one"] }
            try await queue.cancel("one")
            try await eventually("it has ended") { sender.state.withLock { $0.running } == 0 }
            #expect(try await state("one", queue) == .cancelled)
        }
    }

    @Test func aCallThatIsAboutToRunIsCalledOff() async {
        let calls = RunningCalls()
        calls.expect(1)
        calls.cancel(1)
        #expect(await calls.run(1) { Task.isCancelled })
        // Another one is not meant, and neither is a later one with the number.
        calls.cancel(2)
        for number: Int64 in [1, 2] { #expect(await calls.run(number) { !Task.isCancelled }) }
    }

    /// Stops a queue while it sends a call, and looks at what became of that.
    private func stopWhileSending(
        _ kind: StoreKind, _ sender: ScriptedSender, _ then: @Sendable (CallQueue) async -> Void
    ) async throws {
        try await StoreFixture.with(kind) { store, _ in
            let queue = CallQueue(store: store)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await queue.run(
                        sender: sender, callbackSender: ScriptedCallbackSender(), settings: FixedSettings(),
                        limits: DispatchLimits(), logger: Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() })
                }
                _ = try? await queue.submit(Calls.make("one"))
                try? await eventually("it runs") { sender.sent == ["one"] }
                queue.stop()
                await then(queue)
                await group.waitForAll()
            }
            let record = try #require(try await queue.call("one"))
            #expect(record.state == .waiting && record.attempts == 0)
        }
    }

    @Test(arguments: StoreKind.allCases) func whatFailsWhileTheDaemonEndsDoesNotCount(kind: StoreKind) async throws {
        let gate = Gate()
        let sender = ScriptedSender { _, _ in
            await gate.wait()
            return .failed("the connection was closed")
        }
        try await stopWhileSending(kind, sender) { _ in gate.open() }
    }

    @Test(arguments: StoreKind.allCases) func aCallThatNobodyAnswersAnyMoreWaitsForTheNextRun(
        kind: StoreKind
    ) async throws {
        let sender = ScriptedSender { _, _ in
            // Longer than any test, unless it is called off.
            try? await Task.sleep(for: .seconds(1000))
            return .interrupted
        }
        try await stopWhileSending(kind, sender) { await $0.abandon(after: .milliseconds(10)) }
    }
}

/// Holds whoever waits until it is opened.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
