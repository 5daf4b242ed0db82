public import Logging

/// Calls that wait: taken, kept, sent, tried again, and told of.
public final class CallQueue: Sendable {
    private let store: any CallStore
    private let clock: QueueClock
    private let doorbell = Doorbell()
    private let runningCalls = RunningCalls()

    /// Makes a queue of what keeps the calls; nothing is sent before ``run(sender:callbackSender:settings:limits:logger:)``.
    public init(store: any CallStore, clock: QueueClock = .system) {
        self.store = store
        self.clock = clock
    }

    /// The time by which calls are kept and sent, in milliseconds since 1970.
    public var now: Int64 { clock.now() }

    /// Sends calls until ``stop()``, and then until those under way have ended. To be called once.
    ///
    /// - Parameters:
    ///   - sender: brings a call to its function.
    ///   - callbackSender: brings a result to where the caller wants it.
    ///   - settings: what functions say about their calls.
    ///   - limits: how many calls are sent at once.
    ///   - logger: takes what an operator should know.
    public func run(
        sender: any CallSender, callbackSender: any CallbackSender, settings: any CallSettings,
        limits: DispatchLimits, logger: Logger
    ) async {
        await Dispatcher(
            store: store, sender: sender, callbackSender: callbackSender, settings: settings, limits: limits,
            clock: clock, doorbell: doorbell, runningCalls: runningCalls, logger: logger
        ).run()
    }

    /// Whether ``stop()`` was called.
    public var isStopped: Bool { doorbell.isClosed }

    /// Begins no more calls. Those that fail from now on wait for the next run of the daemon, without counting it.
    public func stop() {
        doorbell.close()
    }

    /// Ends the calls that are still under way after ``stop()``, because what would answer them has ended. They wait for
    /// the next run of the daemon, without counting it.
    ///
    /// - Parameter moment: how long those whose answers have just come have for taking them.
    public func abandon(after moment: Duration) async {
        let end = ContinuousClock.now + moment
        while !runningCalls.isEmpty, ContinuousClock.now < end, !Task.isCancelled {
            // Cut short by cancellation only, which the loop sees.
            try? await Task.sleep(for: .milliseconds(10))
        }
        runningCalls.cancelAll()
    }

    /// Keeps a call; when this returns, it will run, whatever happens to the daemon.
    ///
    /// - Throws: ``QueueError`` with code `full`, `storeFailed` or `tooLarge`.
    public func submit(_ call: QueuedCall) async throws -> Appended {
        let appended = try await store.append(call)
        doorbell.ring()
        return appended
    }

    /// Calls off a call that waits or runs.
    ///
    /// - Throws: ``QueueError``.
    public func cancel(_ id: String) async throws {
        runningCalls.cancel(try await store.cancel(id, now: clock.now()))
    }

    /// Makes a dead letter wait again, with all its attempts.
    ///
    /// - Throws: ``QueueError``.
    public func redrive(_ id: String) async throws {
        try await store.redrive(id, now: clock.now())
        doorbell.ring()
    }

    /// Makes dead letters wait again, at most the filter's limit.
    ///
    /// - Returns: how many.
    /// - Throws: ``QueueError``.
    public func redrive(_ filter: CallFilter) async throws -> Int {
        let count = try await store.redrive(filter, now: clock.now())
        doorbell.ring()
        return count
    }

    /// One call.
    ///
    /// - Throws: ``QueueError``.
    public func call(_ id: String) async throws -> CallRecord? { try await store.call(id) }

    /// Calls, the newest first.
    ///
    /// - Throws: ``QueueError``.
    public func list(_ filter: CallFilter) async throws -> [CallRecord] { try await store.list(filter) }

    /// How many calls there are, and what became of them.
    public func counts() -> QueueCounts { store.counts() }

    /// When the oldest waiting call of each backlog was taken, in milliseconds since 1970.
    ///
    /// - Throws: ``QueueError``.
    public func oldest() async throws -> [Backlog: Int64] { try await store.oldest() }
}
