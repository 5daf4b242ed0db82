import Foundation
import OpenFaaSAPI
import Synchronization

@testable import Queue

/// Answers calls as a test says, and remembers them.
final class ScriptedSender: CallSender {
    struct State {
        var sent: [String] = []
        var running = 0
        var mostRunning = 0
    }

    let state = Mutex(State())
    private let script: @Sendable (QueuedCall, Int) async -> SendOutcome

    /// - Parameter script: is told the call, and how many were sent before.
    init(_ script: @escaping @Sendable (QueuedCall, Int) async -> SendOutcome) {
        self.script = script
    }

    var sent: [String] { state.withLock { $0.sent } }

    func send(_ call: QueuedCall) async -> SendOutcome {
        let number = state.withLock { state in
            state.sent.append(call.id)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.sent.count - 1
        }
        let outcome = await script(call, number)
        state.withLock { $0.running -= 1 }
        return outcome
    }
}

/// Takes results as a test says, and remembers them.
final class ScriptedCallbackSender: CallbackSender {
    private let taken = Mutex<[LeasedCallback]>([])
    private let script: @Sendable (LeasedCallback) async -> CallbackOutcome

    init(_ script: @escaping @Sendable (LeasedCallback) async -> CallbackOutcome = { _ in .delivered }) {
        self.script = script
    }

    var sent: [LeasedCallback] { taken.withLock { $0 } }

    func send(_ callback: LeasedCallback, maximumAttempts: Int) async -> CallbackOutcome {
        taken.withLock { $0.append(callback) }
        return await script(callback)
    }
}

/// The same for every function.
struct FixedSettings: CallSettings {
    var settings = AsyncSettings()

    func settings(of function: FunctionName) async -> AsyncSettings { settings }
}

/// A clock that a test moves.
final class ManualClock: Sendable {
    private struct State {
        var now: Int64 = 1_000_000
        var sleepers: [Int: (until: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
        var lastSleeper = 0
    }

    private let state = Mutex(State())

    var clock: QueueClock {
        QueueClock(now: { self.state.withLock { $0.now } }, sleep: { await self.sleep(until: $0) })
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration.milliseconds
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    private func sleep(until: Int64) async {
        let number = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustSleep = state.withLock { state in
                    guard until > state.now, !Task.isCancelled else { return false }
                    state.sleepers[number] = (until, continuation)
                    return true
                }
                if !mustSleep { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume()
        }
    }
}

/// Waits for a fact.
func eventually(
    _ fact: String, within limit: Duration = .seconds(20), _ check: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !check() {
        guard ContinuousClock.now < deadline else { throw NotInTime(description: "not in \(limit): \(fact)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NotInTime: Error, CustomStringConvertible {
    let description: String
}
