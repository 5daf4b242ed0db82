import Synchronization

/// Lets callers who want the same thing at the same time share one run of the work.
///
/// A caller who is cancelled leaves; the work is cancelled when nobody is left who waits for it.
final class JoinedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let number: UInt64
        var task: Task<Void, Never>?
        var waiting: [UInt64: CheckedContinuation<Value, any Error>] = [:]
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var cancelled: Set<UInt64> = []
        var counter: UInt64 = 0

        mutating func nextNumber() -> UInt64 {
            counter += 1
            return counter
        }
    }

    private let state = Mutex(State())

    /// Waits for the value of the work under this key, which is started when none is under way.
    func value(
        for key: Key, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let ticket = state.withLock { $0.nextNumber() }
        defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                join(key, ticket, continuation, work)
            }
        } onCancel: {
            leave(key, ticket)
        }
    }

    private func join(
        _ key: Key, _ ticket: UInt64, _ continuation: CheckedContinuation<Value, any Error>,
        _ work: @escaping @Sendable () async throws -> Value
    ) {
        let wasCancelled = state.withLock { state in
            if state.cancelled.contains(ticket) { return true }
            if state.entries[key] == nil {
                let number = state.nextNumber()
                state.entries[key] = Entry(number: number)
                // The entry owns the task: it is cancelled when the last one who waits leaves, and removes the
                // entry at its end.
                state.entries[key]?.task = Task { [self] in
                    let result: Result<Value, any Error>
                    do { result = .success(try await work()) } catch { result = .failure(error) }
                    finish(key, number, result)
                }
            }
            state.entries[key]?.waiting[ticket] = continuation
            return false
        }
        if wasCancelled { continuation.resume(throwing: CancellationError()) }
    }

    private func leave(_ key: Key, _ ticket: UInt64) {
        let (continuation, abandoned) = state.withLock { state in
            guard let continuation = state.entries[key]?.waiting.removeValue(forKey: ticket) else {
                state.cancelled.insert(ticket)
                return (nil as CheckedContinuation<Value, any Error>?, nil as Task<Void, Never>?)
            }
            guard state.entries[key]?.waiting.isEmpty ?? false else { return (continuation, nil) }
            return (continuation, state.entries.removeValue(forKey: key)?.task)
        }
        abandoned?.cancel()
        continuation?.resume(throwing: CancellationError())
    }

    private func finish(_ key: Key, _ number: UInt64, _ result: Result<Value, any Error>) {
        let waiting = state.withLock { state in
            guard state.entries[key]?.number == number else {
                return [:] as [UInt64: CheckedContinuation<Value, any Error>]
            }
            return state.entries.removeValue(forKey: key)?.waiting ?? [:]
        }
        for continuation in waiting.values { continuation.resume(with: result) }
    }
}
