import Foundation
public import Logging
public import OpenFaaSAPI

/// The clock: one timer for the schedules of all functions.
public struct CronSource: EventSource {
    /// The most runs that are put into the queue at once.
    private static let parallel = 64
    /// So often it looks at the clock, which may have been put forward.
    private static let longestSleep: Int64 = 10_000
    /// Tells the function for which time it runs, RFC 3339 in UTC.
    static let scheduledHeader = "X-Faasd-Scheduled"

    /// Names it in metrics and in the list of triggers.
    public let name = "cron"
    /// What functions are told of it.
    public let connector = "cron-connector"

    private let memory: CronMemory
    private let prewake: Duration
    private let wake: @Sendable (FunctionName) async -> Void
    private let clock: QueueClock
    private let logger: Logger

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - memory: outlives the daemon.
    ///   - prewake: how long before its run a function is made ready; zero for not at all.
    ///   - wake: makes a function ready that has no replica.
    ///   - clock: the time.
    ///   - logger: takes what an operator should know.
    public init(
        memory: CronMemory, prewake: Duration, wake: @escaping @Sendable (FunctionName) async -> Void,
        clock: QueueClock = .system, logger: Logger
    ) {
        self.memory = memory
        self.prewake = prewake
        self.wake = wake
        self.clock = clock
        self.logger = logger
    }

    /// Whether the topic is the clock's.
    public func serves(_ topic: String) -> Bool { topic == CronSettings.topic }

    /// Makes calls of what is due until its task is cancelled.
    public func run(_ desk: TriggerDesk) async {
        guard var memos = await loadMemory() else { return }
        var plan = CronPlan(prewake: prewake.milliseconds)
        let bell = Doorbell()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in desk.changes() { bell.ring() }
            }
            // What is remembered is not to be forgotten before it is known which functions there are.
            await bell.wait()
            var known: [TriggerSubscription]?
            while !Task.isCancelled {
                let subscriptions = desk.subscriptions
                if subscriptions != known {
                    known = subscriptions
                    let gone = plan.adopt(subscriptions, memos: memos, zone: TimeZones.offsets, now: clock.now())
                    memos = [:]
                    await save(&plan, forgetting: gone)
                    tell(desk, of: plan)
                }
                await work(&plan, desk, &group)
                let wakeTime = plan.nextTime.map { min($0, clock.now() + Self.longestSleep) }
                await bell.wait(until: wakeTime, clock: clock)
            }
            group.cancelAll()
        }
    }

    private func loadMemory() async -> [FunctionName: CronMemo]? {
        while !Task.isCancelled {
            do {
                return try await memory.load()
            } catch {
                logger.error("the memory of schedules cannot be read", metadata: ["error": "\(error)"])
                await clock.sleep(clock.now() + Self.longestSleep)
            }
        }
        return nil
    }

    private func work(_ plan: inout CronPlan, _ desk: TriggerDesk, _ group: inout DiscardingTaskGroup) async {
        let actions = plan.due(now: clock.now())
        guard !actions.isEmpty else { return }
        var runs: [(FunctionName, CronJob.Run, CronJob)] = []
        for action in actions {
            switch action {
            case .wake(let name):
                // A provider that does not answer holds up no run.
                group.addTask { await wake(name) }
            case .missed(let name, let count):
                desk.note(name, CronSettings.topic) { $0.counts.missed += UInt64(count) }
                logger.notice("runs were left out", metadata: ["function": "\(name)", "count": "\(count)"])
            case .make(let name, let run):
                if let job = plan.jobs[name] { runs.append((name, run, job)) }
            }
        }
        await withTaskGroup(of: (FunctionName, CronJob.Run, Outcome).self) { group in
            for (index, (name, run, job)) in runs.enumerated() {
                if index >= Self.parallel, let ended = await group.next() { apply(ended, to: &plan) }
                group.addTask { (name, run, await self.make(run, of: name, job, desk)) }
            }
            for await ended in group { apply(ended, to: &plan) }
        }
        await save(&plan)
        tell(desk, of: plan)
    }

    private enum Outcome {
        case made(call: String)
        case leftOut
        case mustWait
        case failed
    }

    private func make(
        _ run: CronJob.Run, of name: FunctionName, _ job: CronJob, _ desk: TriggerDesk
    ) async -> Outcome {
        do {
            if job.settings.overlap != .allow, let last = job.lastCall, try await isUnderWay(last, desk) {
                guard job.settings.overlap == .skip else { return .mustWait }
                desk.note(name, CronSettings.topic) { $0.counts.overlapped += 1 }
                logger.notice(
                    "a run was left out because the one before has not ended",
                    metadata: ["function": "\(name)", "call-id": "\(last)"])
                return .leftOut
            }
            let time = Self.text(run.at)
            // A space cannot be part of a client's key.
            var event = TriggerEvent(
                topic: CronSettings.topic, key: "cron \(time)", body: Data(job.settings.body.utf8),
                contentType: job.settings.contentType)
            event.function = name
            event.headers = [HeaderField(Self.scheduledHeader, time)]
            guard let call = try await desk.deliver(event).first else { return .leftOut }
            return .made(call: call.id)
        } catch {
            return .failed
        }
    }

    private func isUnderWay(_ id: String, _ desk: TriggerDesk) async throws -> Bool {
        guard let call = try await desk.call(id) else { return false }
        return call.state == .waiting || call.state == .running
    }

    private func apply(_ ended: (FunctionName, CronJob.Run, Outcome), to plan: inout CronPlan) {
        let (name, run, outcome) = ended
        let now = clock.now()
        plan.change(name) { job in
            switch outcome {
            case .made(let call): job.made(run, call: call)
            case .leftOut: job.leftOut(run)
            case .mustWait: job.mustWait(now: now)
            case .failed: job.failed(now: now)
            }
        }
    }

    /// What is not saved now is with the next change. Should the daemon be killed before that, a run may be made again;
    /// its key makes it the same call.
    private func save(_ plan: inout CronPlan, forgetting gone: [FunctionName] = []) async {
        do {
            try await memory.save(plan.unsaved(), forgetting: gone)
            plan.saved()
        } catch {
            logger.warning("the memory of schedules is not written yet", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ desk: TriggerDesk, of plan: CronPlan) {
        for (name, job) in plan.jobs {
            desk.note(name, CronSettings.topic) { line in
                line.nextRun = job.next
                line.lastRun = line.lastRun ?? job.lastRun
                line.lastCall = line.lastCall ?? job.lastCall
            }
        }
    }

    static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }
}
