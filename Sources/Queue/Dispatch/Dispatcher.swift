import Logging
import OpenFaaSAPI
import Synchronization

/// How many calls are sent at once.
public struct DispatchLimits: Sendable {
    /// Of all.
    public var concurrency = 32
    /// Of named queues that have a limit of their own.
    public var queueConcurrency: [String: Int] = [:]
    /// Callbacks, which do not count among the calls.
    public var callbackConcurrency = 32

    /// The defaults above.
    public init() {}
}

/// Sends what is due, until it is stopped.
final class Dispatcher: Sendable {
    /// How often old calls are forgotten.
    static let pruneInterval: Int64 = 10_000
    /// How long it lets free places come together.
    static let gatherTime = Duration.milliseconds(1)
    /// How long it waits after the store failed.
    static let storePause: Int64 = 1000
    /// Callbacks are tried so often: with the waits below for about half an hour.
    static let callbackSettings: AsyncSettings = {
        var settings = AsyncSettings()
        settings.attempts = 12
        settings.minimumWait = .seconds(2)
        settings.maximumWait = .seconds(300)
        return settings
    }()

    let store: any CallStore
    let sender: any CallSender
    let callbackSender: any CallbackSender
    let settings: any CallSettings
    let clock: QueueClock
    let logger: Logger
    let doorbell: Doorbell
    let runningCalls: RunningCalls
    private let runningCallbacks = RunningCalls()
    private let inFlight: Mutex<InFlight>
    private let random: @Sendable () -> Double

    init(
        store: any CallStore, sender: any CallSender, callbackSender: any CallbackSender,
        settings: any CallSettings, limits: DispatchLimits, clock: QueueClock, doorbell: Doorbell,
        runningCalls: RunningCalls, logger: Logger,
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.store = store
        self.sender = sender
        self.callbackSender = callbackSender
        self.settings = settings
        self.clock = clock
        self.doorbell = doorbell
        self.runningCalls = runningCalls
        self.logger = logger
        self.random = random
        inFlight = Mutex(
            InFlight(
                concurrency: limits.concurrency, queueConcurrency: limits.queueConcurrency,
                callbackConcurrency: limits.callbackConcurrency))
    }

    /// Runs until the doorbell is closed and the calls under way have ended.
    func run() async {
        await withDiscardingTaskGroup { keepers in
            keepers.addTask { await self.pruneRegularly() }
            keepers.addTask { await self.followNews() }
            await withDiscardingTaskGroup { group in
                while !doorbell.isClosed, !Task.isCancelled {
                    let next = await begin(in: &group)
                    await doorbell.wait(until: next, clock: clock)
                    await gather()
                }
                // They are kept, and sent by the next run.
                runningCallbacks.cancelAll()
            }
            keepers.cancelAll()
        }
    }

    /// While many calls run, more of them end in a moment: all that follow them are begun with one write.
    private func gather() async {
        guard inFlight.withLock({ $0.isHalfFull }), !doorbell.isClosed else { return }
        // A pause for others to run, not a time that means something.
        try? await Task.sleep(for: Self.gatherTime)
    }

    /// Begins all that may be begun now.
    ///
    /// - Returns: when to look again at the latest.
    private func begin(in group: inout DiscardingTaskGroup) async -> Int64? {
        do {
            let calls = try await beginCalls(in: &group)
            let callbacks = try await beginCallbacks(in: &group)
            return [calls, callbacks].compactMap(\.self).min()
        } catch {
            logger.warning("the queue waits for its store", metadata: ["error": "\(error)"])
            return clock.now() + Self.storePause
        }
    }

    private func beginCalls(in group: inout DiscardingTaskGroup) async throws -> Int64? {
        let backlogs = store.backlogs()
        guard !backlogs.isEmpty, inFlight.withLock({ $0.hasRoom }) else { return nil }
        var limits: [FunctionName: Int] = [:]
        for function in Set(backlogs.map(\.function)) {
            limits[function] = await settings.settings(of: function).concurrency
        }
        let capacity = inFlight.withLock { $0.capacity(limits) }
        guard backlogs.contains(where: { capacity.room($0) > 0 }) else { return nil }
        let lease = try await store.lease(capacity, now: clock.now())
        for call in lease.calls {
            runningCalls.expect(call.number)
            inFlight.withLock { $0.began(call.backlog) }
            group.addTask { await self.run(call) }
        }
        return lease.nextDue
    }

    private func beginCallbacks(in group: inout DiscardingTaskGroup) async throws -> Int64? {
        let (sending, room) = inFlight.withLock { ($0.callbacks, $0.callbackRoom) }
        guard room > 0, store.counts().callbacks > sending else { return nil }
        let lease = try await store.leaseCallbacks(limit: room, now: clock.now())
        for callback in lease.callbacks {
            runningCallbacks.expect(callback.number)
            inFlight.withLock { $0.beganCallback() }
            group.addTask { await self.run(callback) }
        }
        return lease.nextDue
    }

    private func run(_ lease: LeasedCall) async {
        let start = ContinuousClock.now
        let outcome = await runningCalls.run(lease.number) {
            // Nobody may be there any more to answer it.
            self.doorbell.isClosed ? .interrupted : await self.sender.send(lease.call)
        }
        let duration = start.duration(to: .now)
        let says = await settings.settings(of: lease.call.function)
        let decision = RetryPolicy(says).decide(
            isStopping(outcome) ? .interrupted : outcome, attempt: lease.attempt, now: clock.now() / 1000,
            random: random())
        let answer: CallAnswer? = if case .answered(let answer) = outcome { answer } else { nil }
        let verdict: CallVerdict
        switch decision {
        case .succeed:
            verdict = .succeeded(answer ?? CallAnswer(status: 200), duration: duration)
        case .retry(let wait, let reason):
            verdict = .retry(
                at: clock.now() + wait.milliseconds, reason: reason, status: answer?.status, duration: duration)
        case .die(let reason):
            verdict = .dead(reason: reason, answer, duration: duration)
            logger.info(
                "a call is a dead letter",
                metadata: ["call-id": "\(lease.call.id)", "function": "\(lease.call.function)", "reason": "\(reason)"])
        case .release:
            verdict = .released
        }
        // The disk takes longer than many functions, so the next call need not wait for it.
        let isFree = inFlight.withLock { $0.answered(lease.backlog) }
        if isFree { doorbell.ring() }
        await persist { try await self.store.finish(lease, verdict, now: self.clock.now()) }
        inFlight.withLock { $0.written(lease.backlog, wasFree: isFree) }
        // Now there may be a retry or a callback, with a time of its own.
        doorbell.ring()
    }

    /// While the daemon ends, what failed may have failed because of that.
    private func isStopping(_ outcome: SendOutcome) -> Bool {
        guard doorbell.isClosed else { return false }
        switch outcome {
        case .failed, .interrupted: return true
        case .answered(let answer): return answer.isInternal && answer.status >= 400
        case .functionGone: return false
        }
    }

    private func run(_ lease: LeasedCallback) async {
        let attempts = await maximumAttempts(lease)
        let outcome = await runningCallbacks.run(lease.number) {
            await self.callbackSender.send(lease, maximumAttempts: attempts)
        }
        let verdict: CallbackVerdict
        switch outcome {
        case .delivered:
            verdict = .delivered
        case .refused(let reason):
            verdict = .failed(reason: reason)
        case .interrupted:
            verdict = .released
        case .failed where doorbell.isClosed:
            verdict = .released
        case .failed(let reason):
            let decision = RetryPolicy(Self.callbackSettings).decide(
                .failed(reason), attempt: lease.callbackAttempt, now: clock.now() / 1000, random: random())
            if case .retry(let wait, let reason) = decision {
                verdict = .retry(at: clock.now() + wait.milliseconds, reason: reason)
            } else {
                verdict = .failed(reason: reason)
            }
        }
        if case .failed(let reason) = verdict {
            logger.notice("a callback was given up", metadata: ["call-id": "\(lease.id)", "reason": "\(reason)"])
        }
        await persist { try await self.store.finish(lease, verdict, now: self.clock.now()) }
        inFlight.withLock { $0.endedCallback() }
        doorbell.ring()
    }

    private func maximumAttempts(_ lease: LeasedCallback) async -> Int {
        guard let name = try? FunctionName(qualified: lease.spelling) else { return AsyncSettings().attempts }
        return await settings.settings(of: name).attempts
    }

    /// Writes what came of a call, as soon as that is possible.
    private func persist(_ body: () async throws -> Void) async {
        while true {
            do {
                return try await body()
            } catch {
                logger.warning("the end of a call is not written yet", metadata: ["error": "\(error)"])
                // The next run finds that it had begun, and sends it again.
                guard !doorbell.isClosed else { return }
                await clock.sleep(clock.now() + Self.storePause)
            }
        }
    }

    /// Other daemons may share the store.
    private func followNews() async {
        for await news in store.news {
            if case .calledOff(let number) = news { runningCalls.cancel(number) }
            doorbell.ring()
        }
    }

    private func pruneRegularly() async {
        while !Task.isCancelled {
            do {
                while try await store.prune(now: clock.now()), !Task.isCancelled {}
            } catch {
                logger.debug("old calls are not forgotten yet", metadata: ["error": "\(error)"])
            }
            await clock.sleep(clock.now() + Self.pruneInterval)
        }
    }
}
