import Synchronization

/// Calls under way by their number in the store, so that they can be called off.
final class RunningCalls: Sendable {
    private enum State {
        /// It was begun in the store, and its task comes.
        case expected
        /// It was called off before its task came.
        case calledOff
        case running(cancel: @Sendable () -> Void)
    }

    private let calls = Mutex<[Int64: State]>([:])

    /// Whether none is under way.
    var isEmpty: Bool { calls.withLock { $0.isEmpty } }

    /// Announces a call that ``run(_:_:)`` will be given.
    func expect(_ number: Int64) {
        calls.withLock { $0[number] = .expected }
    }

    /// Runs a body that ``cancel(_:)`` ends early.
    func run<Value: Sendable>(_ number: Int64, _ body: @escaping @Sendable () async -> Value) async -> Value {
        let isCalledOff = isCalledOff(number)
        // Owned by this call, which waits for it and hands cancellation on.
        let task = Task {
            if isCalledOff { withUnsafeCurrentTask { $0?.cancel() } }
            return await body()
        }
        if begin(number, cancel: { task.cancel() }) { task.cancel() }
        defer { calls.withLock { $0[number] = nil } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func isCalledOff(_ number: Int64) -> Bool {
        calls.withLock { calls in
            if case .calledOff = calls[number] { return true }
            return false
        }
    }

    /// - Returns: whether it was called off meanwhile.
    private func begin(_ number: Int64, cancel: @escaping @Sendable () -> Void) -> Bool {
        let state = calls.withLock { $0.updateValue(.running(cancel: cancel), forKey: number) }
        if case .calledOff = state { return true }
        return false
    }

    /// Ends a call early; of no effect for one that is not under way.
    func cancel(_ number: Int64) {
        let cancel: (@Sendable () -> Void)? = calls.withLock { calls in
            switch calls[number] {
            case .running(let cancel):
                return cancel
            case .expected:
                calls[number] = .calledOff
                return nil
            case .calledOff, nil:
                return nil
            }
        }
        cancel?()
    }

    /// Ends all that are under way early.
    func cancelAll() {
        for number in calls.withLock({ Array($0.keys) }) { cancel(number) }
    }
}
