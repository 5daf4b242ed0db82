import Synchronization

/// Wakes the dispatcher. Rings while nobody waits count as one.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        change(rings: true)
    }

    /// Nobody will wait for it any more.
    func close() {
        change(closes: true)
    }

    /// Whether it was closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    private func change(rings: Bool = false, closes: Bool = false) {
        let continuation = state.withLock { state in
            state.isRung = state.isRung || rings
            state.isClosed = state.isClosed || closes
            defer { state.waiting = nil }
            return state.waiting
        }
        continuation?.resume()
    }

    /// Returns after a ring, when the door is closed, or when the task is cancelled. One may wait at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard !state.isRung, !state.isClosed, !Task.isCancelled else { return false }
                    state.waiting = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
            state.withLock { $0.isRung = false }
        } onCancel: {
            // The ring stays for the next who waits; at worst that one looks around for nothing.
            change(rings: true)
        }
    }

    /// The same, at the latest at a time.
    func wait(until deadline: Int64?, clock: QueueClock) async {
        guard let deadline else { return await wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { await clock.sleep(deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
