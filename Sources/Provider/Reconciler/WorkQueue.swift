/// Owns tasks of the provider, so that none outlives it and none dies with the connection that asked for it.
struct WorkQueue: Sendable {
    private let stream: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Runs what is added, side by side, until ``finish()`` was called and all of it has ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in stream { group.addTask(operation: job) }
        }
    }

    /// Adds work that nobody waits for; `false` when the queue was finished.
    @discardableResult
    func add(_ job: @escaping @Sendable () async -> Void) -> Bool {
        if case .enqueued = continuation.yield(job) { true } else { false }
    }

    /// Does work in a task of the queue and waits for its result; the caller's cancellation does not reach it.
    func perform<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { caller in
            let accepted = add {
                do {
                    caller.resume(returning: try await body())
                } catch {
                    caller.resume(throwing: error)
                }
            }
            if !accepted {
                caller.resume(throwing: ProviderError(.runtimeUnavailable, "faasd is shutting down; try again"))
            }
        }
    }

    /// Takes no more work.
    func finish() {
        continuation.finish()
    }
}
