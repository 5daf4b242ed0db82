import Synchronization

/// Calls under way by their number in the store, so that they can be called off.
final class RunningCalls: Sendable {
    private let cancels = Mutex<[Int64: @Sendable () -> Void]>([:])

    /// Runs a body that ``cancel(_:)`` ends early.
    func run<Value: Sendable>(_ number: Int64, _ body: @escaping @Sendable () async -> Value) async -> Value {
        // Owned by this call, which waits for it and hands cancellation on.
        let task = Task { await body() }
        cancels.withLock { $0[number] = { task.cancel() } }
        defer { cancels.withLock { $0[number] = nil } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    func cancel(_ number: Int64) {
        cancels.withLock { $0[number] }?()
    }

    func cancelAll() {
        for cancel in cancels.withLock({ Array($0.values) }) { cancel() }
    }
}
