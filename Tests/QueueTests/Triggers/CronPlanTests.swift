import Foundation
import OpenFaaSAPI
import Testing

@testable import Queue

/// Goes through time by hand: whatever is due becomes a call at once.
private struct Simulation {
    var plan: CronPlan
    var now: Int64
    var runs: [FunctionName: [Int64]] = [:]
    var woken: [FunctionName: [Int64]] = [:]
    var missed = 0
    var looks = 0

    init(
        _ subscriptions: [TriggerSubscription], memos: [FunctionName: CronMemo] = [:], at now: Int64, prewake: Int64 = 0
    ) {
        plan = CronPlan(prewake: prewake)
        self.now = now
        _ = plan.adopt(subscriptions, memos: memos, zone: TimeZones.offsets, now: now)
    }

    mutating func look() {
        looks += 1
        for action in plan.due(now: now) {
            switch action {
            case .wake(let name): woken[name, default: []].append(now)
            case .missed(_, let count): missed += count
            case .make(let name, let run):
                runs[name, default: []].append(run.at)
                let call = "\(runs[name, default: []].count)"
                plan.change(name) { $0.made(run, call: call) }
            }
        }
    }

    /// Lets time pass, looking whenever the plan asks for it, and often enough to see a changed clock.
    mutating func run(until end: Int64) {
        while let next = plan.nextTime, next <= end {
            now = max(now, next)
            look()
        }
        now = end
    }
}

struct CronPlanTests {
    private static let start = Int64(1_767_225_600_000)  // 2026-01-01T00:00:00Z
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000

    private func subscription(
        _ name: String = "f", _ schedule: String, zone: String = "UTC",
        change: (inout CronSettings) -> Void = { _ in }
    ) throws -> TriggerSubscription {
        var cron = CronSettings(try CronSchedule(schedule), text: schedule, zone: zone)
        change(&cron)
        var settings = TriggerSettings()
        settings.cron = cron
        return TriggerSubscription(
            function: Calls.name(name), identity: "1", queue: "faas-request", settings: settings)
    }

    private func runs(_ simulation: Simulation, _ name: String = "f") -> [Int64] {
        simulation.runs[Calls.name(name)] ?? []
    }

    @Test func aYearOfRuns() throws {
        var simulation = Simulation(
            [
                try subscription("often", "*/30 * * * *"),
                try subscription("berlin", "30 2 * * *", zone: "Europe/Berlin"),
                try subscription("tokyo", "30 2 * * *", zone: "Asia/Tokyo"),
            ], at: Self.start)
        simulation.run(until: Self.start + 365 * Self.day)
        let often = runs(simulation, "often")
        #expect(often.count == 365 * 48)
        #expect(zip(often, often.dropFirst()).allSatisfy { $1 - $0 == 30 * Self.minute })
        #expect(runs(simulation, "berlin").count == 365 && runs(simulation, "tokyo").count == 365)
        #expect(Set(runs(simulation, "berlin")).isDisjoint(with: runs(simulation, "tokyo")))
        #expect(simulation.missed == 0)
    }

    @Test func manySchedulesAreLookedAtOnlyWhenDue() throws {
        let subscriptions = try (0..<1000).map { try subscription("f\($0)", "0 0 * * *") }
        var simulation = Simulation(subscriptions, at: Self.start)
        simulation.run(until: Self.start + Self.day)
        #expect(simulation.looks == 1 && simulation.runs.count == 1000)
    }

    @Test(arguments: [
        (CronSettings.MissedPolicy.skip, [Int64]()), (.once, [12 * 60]), (.all, [60, 120, 180, 240, 300, 360, 420]),
    ])
    func downtime(policy: CronSettings.MissedPolicy, made: [Int64]) throws {
        let hourly = try subscription("f", "0 * * * *") {
            $0.missed = policy
            $0.missedWithin = .seconds(3 * 24 * 3600)
        }
        let before = Simulation([hourly], at: Self.start)
        let memos = before.plan.unsaved()
        #expect(memos.count == 1)
        let hours: Int64 = policy == .all ? 7 : 12
        var after = Simulation([hourly], memos: memos, at: Self.start + hours * 60 * Self.minute + 90_000)
        after.run(until: after.now)
        #expect(runs(after) == made.map { Self.start + $0 * Self.minute })
        #expect(after.missed == Int(hours) - made.count)
        // From there on as before.
        after.run(until: Self.start + (hours + 2) * 60 * Self.minute)
        #expect(runs(after).count == made.count + 2)
    }

    @Test func allIsBoundedInNumberAndAge() throws {
        let often = try subscription("f", "* * * * *") { $0.missed = .all }
        let memos = Simulation([often], at: Self.start).plan.unsaved()
        var after = Simulation([often], memos: memos, at: Self.start + 3 * Self.day)
        after.run(until: Self.start + 3 * Self.day)
        #expect(runs(after).count == 100 && runs(after).last == Self.start + 3 * Self.day)
        let aged = try subscription("f", "* * * * *") {
            $0.missed = .all
            $0.missedWithin = .seconds(600)
        }
        var later = Simulation([aged], memos: memos, at: Self.start + 3 * Self.day + 30_000)
        later.run(until: later.now)
        #expect(runs(later).count == 10)
    }

    @Test func whatWasNeverLookedAtIsNotMissed() throws {
        var simulation = Simulation([try subscription("f", "0 0 * * *")], at: Self.start + 1)
        simulation.run(until: Self.start + Self.day - 1)
        #expect(runs(simulation).isEmpty && simulation.missed == 0)
        let memos = simulation.plan.unsaved()
        // Another schedule, and the same of a function that was deleted and made again, begin anew.
        for changed in [try subscription("f", "0 1 * * *"), try subscription("f", "0 0 * * *", zone: "Asia/Tokyo")] {
            var other = Simulation([changed], memos: memos, at: Self.start + 5 * Self.day + 1)
            other.look()
            #expect(runs(other).isEmpty && other.missed == 0)
        }
    }

    @Test func aClockThatIsPutForwardCausesNoStorm() throws {
        var simulation = Simulation([try subscription("f", "@every 1s")], at: Self.start)
        simulation.run(until: Self.start + 10_000)
        #expect(runs(simulation).count == 10)
        simulation.now += 30 * Self.day
        simulation.look()
        #expect(runs(simulation).count == 11)
        #expect(runs(simulation).last == Self.start + 10_000 + 30 * Self.day)
    }

    @Test func aClockThatIsPutBackRepeatsNothing() throws {
        var simulation = Simulation([try subscription("f", "* * * * *")], at: Self.start)
        simulation.run(until: Self.start + 60 * Self.minute)
        for step in 1...30 {
            simulation.now = Self.start + Int64(30 + step) * Self.minute
            simulation.look()
        }
        #expect(runs(simulation).count == 60 && Set(runs(simulation)).count == 60)
        simulation.run(until: Self.start + 62 * Self.minute)
        #expect(runs(simulation).count == 62)
    }

    /// A machine without a clock of its own begins in the past until it is told the time.
    @Test func aClockThatIsFarBackIsBelievedAndNothingIsMadeUpForTwice() throws {
        let often = try subscription("f", "0 * * * *") { $0.missed = .all }
        var simulation = Simulation([often], at: Self.start)
        simulation.run(until: Self.start + 10 * 60 * Self.minute)
        #expect(runs(simulation).count == 10)
        let memos = simulation.plan.unsaved()
        var later = Simulation([often], memos: memos, at: Self.start + 1)
        later.run(until: Self.start + 60 * Self.minute)
        #expect(runs(later) == [Self.start + 60 * Self.minute])
        later.now = Self.start + 11 * 60 * Self.minute + 5 * Self.minute
        later.look()
        later.look()
        #expect(runs(later) == [Self.start + 60 * Self.minute, Self.start + 11 * 60 * Self.minute])
    }

    @Test func aRunThatIsNotInTheQueueIsTriedAgain() throws {
        var simulation = Simulation([try subscription("f", "* * * * *")], at: Self.start)
        simulation.now = Self.start + Self.minute
        guard case .make(let name, let run) = try #require(simulation.plan.due(now: simulation.now).first) else {
            Issue.record("it is not due")
            return
        }
        simulation.plan.change(name) { $0.failed(now: Self.start + Self.minute) }
        #expect(simulation.plan.nextTime == Self.start + Self.minute + 5000)
        // It counts as missed until it is made.
        #expect(simulation.plan.unsaved()[name]?.handled == run.at - 1)
        simulation.run(until: Self.start + Self.minute + 5000)
        #expect(runs(simulation) == [Self.start + Self.minute])
        #expect(simulation.plan.unsaved()[name]?.handled == Self.start + Self.minute)
    }

    @Test func runsThatWaitForTheOneBeforeKeepTheirOrder() throws {
        let queued = try subscription("f", "* * * * *") { $0.overlap = .queue }
        var simulation = Simulation([queued], at: Self.start)
        let name = Calls.name("f")
        for minute in 1...3 {
            for case .make in simulation.plan.due(now: Self.start + Int64(minute) * Self.minute) {
                simulation.plan.change(name) { $0.mustWait(now: Self.start + Int64(minute) * Self.minute) }
            }
        }
        #expect(simulation.plan.jobs[name]?.waiting.count == 3)
        simulation.now = Self.start + 3 * Self.minute + 1000
        for _ in 0..<3 { simulation.look() }
        #expect(runs(simulation) == (1...3).map { Self.start + $0 * Self.minute })
    }

    @Test func aFunctionIsMadeReadyOnceForEachRun() throws {
        var simulation = Simulation([try subscription("f", "*/10 * * * *")], at: Self.start, prewake: 2000)
        simulation.run(until: Self.start + 30 * Self.minute)
        let expected = [10, 20, 30].map { Self.start + $0 * Self.minute }
        #expect(runs(simulation) == expected)
        #expect(simulation.woken[Calls.name("f")] == expected.map { $0 - 2000 })
    }

    @Test func whatIsGoneIsForgotten() throws {
        let memos = Simulation([try subscription("old", "@daily")], at: Self.start).plan.unsaved()
        var plan = CronPlan(prewake: 0)
        let gone = plan.adopt(
            [try subscription("new", "@daily")], memos: memos, zone: TimeZones.offsets, now: Self.start)
        #expect(gone == [Calls.name("old")])
        #expect(plan.adopt([], memos: [:], zone: TimeZones.offsets, now: Self.start) == [Calls.name("new")])
        #expect(plan.nextTime == nil && plan.unsaved().isEmpty)
    }
}
