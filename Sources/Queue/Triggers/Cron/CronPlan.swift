import OpenFaaSAPI

/// All schedules together: what is to be done now, and when to look again. It has no clock of its own, so that a test
/// goes through a year in no time.
struct CronPlan {
    /// Something to do.
    enum Action: Equatable {
        /// The function runs soon.
        case wake(FunctionName)
        /// A run is to become a call; ``CronPlan/change(_:_:)`` is told how that went.
        case make(FunctionName, CronJob.Run)
        /// Runs are left out because their time has passed.
        case missed(FunctionName, count: Int)
    }

    private(set) var jobs: [FunctionName: CronJob] = [:]
    private var changed: Set<FunctionName> = []
    private let prewake: Int64

    /// - Parameter prewake: how long before its run a function is made ready, in milliseconds; 0 for not at all.
    init(prewake: Int64) {
        self.prewake = prewake
    }

    /// These are all functions that have schedules.
    ///
    /// - Parameters:
    ///   - memos: what was remembered of schedules.
    ///   - zone: gives a zone's offsets.
    /// - Returns: functions whose schedules are gone.
    mutating func adopt(
        _ subscriptions: [TriggerSubscription], memos: [FunctionName: CronMemo],
        zone: (String) -> any ZoneOffsets, now: Int64
    ) -> [FunctionName] {
        var kept: [FunctionName: CronJob] = [:]
        for subscription in subscriptions {
            guard let settings = subscription.settings.cron else { continue }
            let name = subscription.function
            let fingerprint = "\(subscription.identity) \(settings.zone) \(settings.text)"
            if var job = jobs[name], job.fingerprint == fingerprint {
                job.adopt(settings)
                kept[name] = job
            } else {
                let memo = memos[name].flatMap { $0.fingerprint == fingerprint && jobs[name] == nil ? $0 : nil }
                kept[name] = CronJob(
                    settings, fingerprint: fingerprint, zone: zone(settings.zone), memo: memo, now: now)
                if memo == nil { changed.insert(name) }
            }
        }
        let gone = Set(jobs.keys).union(memos.keys).subtracting(kept.keys)
        jobs = kept
        changed.subtract(gone)
        return Array(gone)
    }

    /// What is to be done now.
    mutating func due(now: Int64) -> [Action] {
        var actions: [Action] = []
        for name in Array(jobs.keys) {
            guard var job = jobs[name] else { continue }
            let cursor = job.next
            let missed = job.collect(now: now)
            if missed > 0 { actions.append(.missed(name, count: missed)) }
            if job.next != cursor { changed.insert(name) }
            if job.isTimeToWake(prewake: prewake, now: now) { actions.append(.wake(name)) }
            if let run = job.ready(now: now) { actions.append(.make(name, run)) }
            jobs[name] = job
        }
        return actions
    }

    /// Tells a job how an action went.
    mutating func change(_ name: FunctionName, _ body: (inout CronJob) -> Void) {
        guard var job = jobs[name] else { return }
        body(&job)
        jobs[name] = job
        changed.insert(name)
    }

    /// When to look again; `nil` when nothing will ever be due.
    var nextTime: Int64? { jobs.values.compactMap { $0.wakeTime(prewake: prewake) }.min() }

    /// What has changed and is to be remembered.
    func unsaved() -> [FunctionName: CronMemo] {
        Dictionary(uniqueKeysWithValues: changed.compactMap { name in jobs[name].map { (name, $0.memo) } })
    }

    /// What ``unsaved()`` gave is on disk.
    mutating func saved() {
        changed = []
    }
}
