import OpenFaaSAPI
import Testing

@testable import Gateway

/// What the console says of functions.
struct MonitorValuesTests {
    private func status(replicas: UInt64, available: UInt64) throws -> FunctionStatus {
        FunctionStatus(
            name: try FunctionName("f"), deployment: FunctionDeployment(service: "f", image: "i"), invocationCount: 0,
            replicas: replicas, availableReplicas: available, createdAt: "2026-01-01T00:00:00Z")
    }

    @Test(arguments: [
        (1, 1, FunctionCondition.State.running), (3, 3, .running), (3, 2, .degraded), (1, 0, .starting),
        (0, 0, .stopped),
    ])
    func replicasMakeAState(wanted: UInt64, ready: UInt64, state: FunctionCondition.State) throws {
        let condition = FunctionCondition(try status(replicas: wanted, available: ready))
        #expect(condition.state == state)
        #expect(!condition.reason.isEmpty)
    }

    @Test func replicasTellHowAFunctionRests() throws {
        var resting = try status(replicas: 0, available: 0)
        func replica(_ state: FunctionInstance.State) -> FunctionInstance {
            FunctionInstance(name: "f-1", state: state, address: nil, current: true, createdAt: "2026-01-01T00:00:00Z")
        }
        resting.instances = []
        #expect(FunctionCondition(resting).state == .stopped)
        resting.instances = [replica(.frozen), replica(.frozen)]
        #expect(FunctionCondition(resting).state == .frozen)
        // One is about to go.
        resting.instances = [replica(.frozen), replica(.stopping)]
        #expect(FunctionCondition(resting).state == .stopped)
    }

    @Test func aFailureIsTheReason() throws {
        var failing = try status(replicas: 1, available: 0)
        failing.failure = FunctionFailure(count: 1, reason: "exit code 1", retryAt: nil)
        #expect(FunctionCondition(failing).state == .failing)
        failing.failure = FunctionFailure(count: 4, reason: "exit code 1", retryAt: "2026-01-01T00:00:05Z")
        let loop = FunctionCondition(failing)
        #expect(loop.state == .crashLoop)
        #expect(
            loop.reason
                == "4 replicas in a row ended: exit code 1; the next is started at 2026-01-01T00:00:05Z")
        // Of two that should run one does: it serves, and the reason is told all the same.
        failing.replicas = 2
        failing.availableReplicas = 1
        #expect(FunctionCondition(failing).reason.hasPrefix("1 of 2 replicas take calls; 4 replicas in a row ended"))
        // The next one serves: nothing is wrong any more.
        failing.availableReplicas = 2
        #expect(FunctionCondition(failing).state == .running)
    }

    private func totals(_ buckets: [Int: UInt64], errors: UInt64 = 0, inFlight: Int = 0) -> CallTotals {
        var totals = CallTotals()
        for (index, count) in buckets { totals.buckets[index] = count }
        totals.errors = errors
        totals.inFlight = inFlight
        return totals
    }

    @Test func twoMomentsMakeASample() {
        let before = totals([0: 10, 3: 10], errors: 1)
        let after = totals([0: 20, 3: 20], errors: 6, inFlight: 3)
        let sample = after.since(before, seconds: 2)
        #expect(sample.rate == 10 && sample.errors == 2.5 && sample.inFlight == 3)
        // Ten calls within 5 ms, ten between 25 and 50 ms.
        #expect(sample.p50 == 0.005)
        #expect(abs(sample.p95 - 0.0475) < 1e-6)
        #expect(!sample.isQuiet && after.since(after, seconds: 2).rate == 0)
    }

    @Test func countsThatBeginAgainAreNoNegativeRate() {
        let sample = totals([0: 4]).since(totals([0: 1000], errors: 5), seconds: 2)
        #expect(sample.rate == 2 && sample.errors == 0)
    }

    @Test func quantilesStayWithinTheBounds() {
        #expect(CallTotals.quantile(0.5, [UInt64](repeating: 0, count: 12)) == 0)
        var slow = [UInt64](repeating: 0, count: 12)
        slow[11] = 5
        #expect(CallTotals.quantile(0.99, slow) == 10)
        slow[11] = 0
        slow[0] = 1
        #expect(CallTotals.quantile(0, slow) == 0 && CallTotals.quantile(1, slow) == 0.005)
    }

    @Test func aTimelineForgetsItsOldest() throws {
        var timeline = Timeline(step: 2, capacity: 3)
        var series = FunctionSeries()
        for moment in 0..<10 {
            let tick = timeline.append(100 + 2 * moment)
            #expect(tick == moment)
            // Every other moment is quiet.
            let rate: Float = moment.isMultiple(of: 2) ? 1 : 0
            let sample = CallSample(rate: rate, errors: 0, p50: 0, p95: 0, p99: 0, inFlight: 0)
            series.append(.init(tick: tick, sample: sample, usage: nil), oldest: timeline.firstTick)
        }
        #expect(timeline.times == [114, 116, 118])
        #expect(series.points.count <= 3)
        let answer = SeriesAnswer(name: try FunctionName("f"), timeline: timeline, series: series)
        #expect(answer.time == [114, 116, 118] && answer.rate == [0, 1, 0] && answer.cpu == [nil, nil, nil])
        let unknown = SeriesAnswer(name: try FunctionName("f"), timeline: timeline, series: nil)
        #expect(unknown.rate == [0, 0, 0])
    }
}
