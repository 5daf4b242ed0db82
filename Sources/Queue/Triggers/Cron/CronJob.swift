import OpenFaaSAPI

/// What is remembered of a function's schedule, so that the next run of the daemon knows what was missed.
public struct CronMemo: Sendable, Equatable {
    /// The schedule that it is of; another starts anew.
    public var fingerprint: String
    /// Up to when its runs were made or left out, in milliseconds since 1970.
    public var handled: Int64
    /// The time of its last run, as scheduled.
    public var lastRun: Int64?
    /// The call of its last run.
    public var lastCall: String?
}

/// A function's schedule and how far it has come: decides which runs are due. Times are milliseconds since 1970.
struct CronJob {
    /// One run.
    struct Run: Equatable, Sendable {
        /// When it was to be.
        let at: Int64
    }

    /// A run that is late by more than this was missed: the machine slept, or its clock was put forward.
    static let grace: Int64 = 10_000
    /// The most runs that wait, or are made up for.
    static let runLimit = 100
    /// Clocks that are put back by more than this are believed, as cron(8) does; until then nothing runs twice.
    static let setback: Int64 = 3 * 3_600_000
    private static let shortestRetry: Int64 = 5000
    private static let longestRetry: Int64 = 60_000

    private(set) var settings: CronSettings
    let fingerprint: String
    private let zone: any ZoneOffsets
    /// Up to when it was looked for runs.
    private var cursor: Int64
    /// The highest time that it was ever looked at: what lies before was made, and is not missed.
    private var highest: Int64
    /// What lies before was missed by an earlier run of the daemon.
    private let began: Int64
    /// The next run.
    private(set) var next: Int64?
    /// Runs that are to be made.
    private(set) var waiting: [Run] = []
    /// When those are tried again.
    private(set) var retryAt: Int64?
    private var failures = 0
    private(set) var lastRun: Int64?
    private(set) var lastCall: String?
    /// The run that its function was woken for.
    private var wokenFor: Int64?

    /// Takes up a schedule.
    ///
    /// - Parameter memo: what is remembered of it; without it, it begins now and has missed nothing.
    init(_ settings: CronSettings, fingerprint: String, zone: any ZoneOffsets, memo: CronMemo?, now: Int64) {
        self.settings = settings
        self.fingerprint = fingerprint
        self.zone = zone
        began = now
        cursor = memo?.handled ?? now
        highest = cursor
        lastRun = memo?.lastRun
        lastCall = memo?.lastCall
        believeClock(now)
        findNext()
    }

    /// Other policies or another body for the same schedule.
    mutating func adopt(_ settings: CronSettings) {
        self.settings = settings
    }

    /// What the next run of the daemon should know.
    var memo: CronMemo {
        CronMemo(
            fingerprint: fingerprint, handled: min(highest, waiting.first.map { $0.at - 1 } ?? .max),
            lastRun: lastRun, lastCall: lastCall)
    }

    /// When to look at it again; `nil` for never.
    func wakeTime(prewake: Int64) -> Int64? {
        let made = waiting.isEmpty ? nil : retryAt ?? 0
        let run = next.map { $0 == wokenFor ? $0 : $0 - prewake }
        return [made, run].compactMap(\.self).min()
    }

    /// Whether its function should be made ready now for the next run; once for each.
    mutating func isTimeToWake(prewake: Int64, now: Int64) -> Bool {
        guard prewake > 0, let next, next != wokenFor, now >= next - prewake, now < next else { return false }
        wokenFor = next
        return true
    }

    /// Finds what has become due.
    ///
    /// - Returns: how many runs are left out because their time has passed.
    mutating func collect(now: Int64) -> Int {
        believeClock(now)
        guard let next, next <= now else { return 0 }
        let due = recent(until: now)
        guard let last = due.last else { return 0 }
        let onTime = due.filter { $0.at > now - Self.grace && $0.at > began }
        let late = due.filter { run in
            run.at > highest && run.at >= now - settings.missedWithin.milliseconds && !onTime.contains(run)
        }
        let chosen: [Run] =
            switch settings.missed {
            case .skip: Array(onTime.suffix(1))
            case .once: Array((late + onTime).suffix(1))
            case .all: Array((late + onTime).suffix(Self.runLimit))
            }
        cursor = max(cursor, last.at)
        highest = max(highest, cursor)
        findNext()
        guard !chosen.isEmpty else { return due.count }
        let before = waiting.count
        waiting = settings.missed == .all || settings.overlap == .queue ? waiting + chosen : Array(chosen.suffix(1))
        waiting = Array(waiting.suffix(Self.runLimit))
        return due.count + before - waiting.count
    }

    /// The run that is to be made now.
    func ready(now: Int64) -> Run? {
        (retryAt ?? 0) <= now ? waiting.first : nil
    }

    /// A run became a call.
    mutating func made(_ run: Run, call: String) {
        lastRun = run.at
        lastCall = call
        leftOut(run)
    }

    /// A run is not made because the one before has not ended.
    mutating func leftOut(_ run: Run) {
        waiting.removeAll { $0 == run }
        retryAt = nil
        failures = 0
    }

    /// A run waits for the one before.
    mutating func mustWait(now: Int64) {
        retryAt = now + 1000
    }

    /// A run could not be put into the queue.
    mutating func failed(now: Int64) {
        retryAt = now + min(Self.shortestRetry << Int64(min(failures, 4)), Self.longestRetry)
        failures += 1
    }

    /// A clock that was put back far was wrong before. What was made by it is not made up for when it goes forward
    /// again: so a machine without a clock of its own, which is told the time some while after its start, repeats
    /// nothing.
    private mutating func believeClock(_ now: Int64) {
        guard cursor - now > Self.setback else { return }
        cursor = now
        findNext()
    }

    private mutating func findNext() {
        next = following(cursor)
    }

    private func following(_ time: Int64) -> Int64? {
        settings.schedule.next(after: time.dividedDown(by: 1000), in: zone).map { $0 * 1000 }
    }

    /// The last runs since the cursor, at most as many as can wait. The look back gets longer until there are enough, so
    /// that a long sleep costs little.
    private func recent(until now: Int64) -> [Run] {
        var span: Int64 = 60_000
        while true {
            let start = max(cursor, now - span)
            var runs: [Run] = []
            var time = start
            while let run = following(time), run <= now {
                runs.append(Run(at: run))
                time = run
            }
            if runs.count >= Self.runLimit || start == cursor { return Array(runs.suffix(Self.runLimit)) }
            span *= 2
        }
    }
}

extension Int64 {
    /// The quotient, rounded towards minus infinity.
    func dividedDown(by divisor: Int64) -> Int64 { self >= 0 ? self / divisor : (self + 1) / divisor - 1 }
}
