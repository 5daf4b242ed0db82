/// Runs `operation` for at most `limit`.
///
/// When the time has passed the operation is cancelled *and awaited*: what it started is over when this
/// returns. The error is the given one, so a time limit never looks like the caller's own cancellation.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration, orThrow error: @autoclosure @Sendable () -> ContainersError,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        let first = try await group.next()
        group.cancelAll()
        if let value = first.flatMap({ $0 }) { return value }
        try? await group.waitForAll()
        throw error()
    }
}

/// Runs `operation` to its end even when the calling task is cancelled: for the undoing of half-done work.
///
/// The task made here is awaited in place, so it has an owner and an end.
func withoutCancellation<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await Task { try await operation() }.value
}
