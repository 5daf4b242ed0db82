import Foundation
import OpenFaaSAPI
import Testing

@testable import Gateway

@Suite struct ScalingPolicyTests {
    private func settings(_ more: [String: String] = [:]) -> ScaleSettings {
        var labels = [
            "com.openfaas.scale.max": "8", "com.openfaas.scale.target": "50", "com.openfaas.scale.type": "rps",
        ]
        labels.merge(more) { $1 }
        #expect(ScaleSettings.problem(in: labels) == nil)
        return ScaleSettings(labels: labels)
    }

    @Test func aStepGoesUpSoonAndDownAfterAStableWindow() {
        var run = ScalingSimulation(settings())
        for _ in 0..<60 { run.step(calls: 10) }
        #expect(run.changes == 0)
        for _ in 0..<120 { run.step(calls: 200) }
        // 200 / (50 * 0.9), rounded up.
        #expect(run.history[80].wanted == 5 && run.history[179].wanted == 5)
        for _ in 0..<50 { run.step(calls: 10) }
        #expect(run.history.last?.wanted == 5)
        for _ in 0..<30 { run.step(calls: 10) }
        #expect(run.history.last?.wanted == 1)
        #expect(run.changes <= 5, "\(run.decisions)")
    }

    @Test func neverAboveTheMaximumNorBelowTheMinimum() {
        var run = ScalingSimulation(settings(["com.openfaas.scale.min": "1", "com.openfaas.scale.max": "3"]))
        for second in 0..<600 { run.step(calls: second % 200 < 100 ? 5000 : 0) }
        #expect(run.history.allSatisfy { (1...3).contains($0.wanted) })
        #expect(run.history.contains { $0.wanted == 3 })
    }

    @Test func aLoadAtTheBorderOfTwoNumbersChangesNothing() throws {
        var random = NoiseGenerator(seed: 20_260_101)
        print("seed \(random.seed)")
        var run = ScalingSimulation(settings())
        // 90 calls a second are just what two replicas bear; the noise goes a quarter to both sides.
        for _ in 0..<3600 { run.step(calls: 90 * Double.random(in: 0.75...1.25, using: &random)) }
        #expect(run.changes <= 4, "\(run.decisions)")
        #expect(run.history.suffix(3000).allSatisfy { $0.available >= 2 })
    }

    @Test func aDayOfWavesIsServedWithFewChanges() {
        var run = ScalingSimulation(settings())
        var late = 0
        for second in 0..<7200 {
            let wave = 180 * (1 - cos(Double(second) / 7200 * 4 * .pi)) / 2
            run.step(calls: wave + 5)
            if (run.history.last?.inFlight ?? 0) > 60 { late += 1 }
        }
        #expect(late == 0)
        // Two waves, up and down through five numbers.
        #expect(run.changes <= 24, "\(run.changes)")
        #expect(run.history.contains { $0.wanted >= 4 } && run.history.last?.wanted ?? 9 <= 2)
    }

    @Test func aBurstIsServedWithinSeconds() {
        var run = ScalingSimulation(
            settings(["com.openfaas.scale.type": "capacity", "com.openfaas.scale.target": "5"]))
        for _ in 0..<20 { run.step(calls: 1) }
        for _ in 0..<30 { run.step(calls: 350) }
        #expect((run.history.last?.inFlight ?? .max) < 60, "\(run.history.suffix(20))")
        #expect(run.history.last?.available ?? 0 >= 4)
        for _ in 0..<80 { run.step(calls: 1) }
        #expect(run.history.last?.wanted == 1)
    }

    @Test func whatIsAskedForMustComeBeforeMoreIs() {
        var run = ScalingSimulation(settings(["com.openfaas.scale.max": "64", "com.openfaas.scale.target": "1"]))
        run.startTime = 20
        for _ in 0..<19 { run.step(calls: 1000) }
        // Twice, from one to two; the third waits for the second.
        #expect(run.history.last?.wanted == 2)
        for _ in 0..<120 { run.step(calls: 1000) }
        #expect(run.history.last?.wanted ?? 0 >= 32)
    }

    @Test func cpuIsFollowed() {
        var run = ScalingSimulation(
            settings(["com.openfaas.scale.type": "cpu", "com.openfaas.scale.target": "500"]))
        for _ in 0..<30 { run.step(calls: 40) }
        #expect(run.history.last?.wanted == 1)
        // 180 calls at a hundredth of a core each are 1800 thousandths.
        for _ in 0..<60 { run.step(calls: 180) }
        // One more than these need is what it took to catch up with the calls that had come before.
        #expect((4...5).contains(run.history.last?.wanted ?? 0), "\(run.decisions)")
    }

    @Test func countersThatBeginAgainAreNoLoad() {
        var policy = ScalingPolicy(settings: settings(), stableWindow: .seconds(60))
        let replicas = ScalingPolicy.Replicas(wanted: 1, available: 1)
        for second in 1...10 {
            let sample = LoadSample(time: .seconds(second), started: UInt64(second) * 1000, inFlight: 0)
            if second < 3 { _ = policy.decide(sample, replicas: replicas) }
        }
        let again = LoadSample(time: .seconds(11), started: 0, inFlight: 0)
        #expect(policy.decide(again, replicas: replicas) == .keep)
        let next = LoadSample(time: .seconds(12), started: 10, inFlight: 0)
        #expect(policy.decide(next, replicas: replicas) == .keep)
        // One second is too short to tell a burst from a load.
        #expect(policy.load == nil)
        let third = LoadSample(time: .seconds(13), started: 20, inFlight: 0)
        #expect(policy.decide(third, replicas: replicas) == .keep)
        #expect(policy.load == 10)
    }

    @Test func whatWasRaisedByHandHoldsForAStableWindow() {
        var run = ScalingSimulation(settings())
        for _ in 0..<200 { run.step(calls: 1) }
        run.scaleByHand(to: 4)
        for _ in 0..<59 { run.step(calls: 1) }
        #expect(run.history.last?.wanted == 4)
        for _ in 0..<4 { run.step(calls: 1) }
        #expect(run.history.last?.wanted == 1)
    }

    @Test func whatDoesNotStayUpIsNotMultiplied() {
        var run = ScalingSimulation(settings())
        run.isFailing = true
        for _ in 0..<300 { run.step(calls: 1000) }
        #expect(run.changes == 0)
        run.isFailing = false
        for _ in 0..<30 { run.step(calls: 1000) }
        #expect(run.history.last?.wanted == 8)
    }

    @Test func calledOnceIsNoBurst() {
        // Each call alone would be five a second in the second in which it comes.
        var run = ScalingSimulation(settings(["com.openfaas.scale.target": "1"]))
        for second in 0..<600 { run.step(calls: second % 5 == 0 ? 4 : 0) }
        #expect(run.changes == 0, "\(run.decisions)")
    }

    @Test func numbersAtTheEdgeOfWhatLabelsAllow() {
        for target in ["5e-324", "1e-300", "1000000000"] {
            var run = ScalingSimulation(
                settings(["com.openfaas.scale.target": target, "com.openfaas.scale.target-proportion": "0.0001"]))
            for second in 0..<200 { run.step(calls: second % 50 < 25 ? 1e9 : 0) }
            #expect(run.history.allSatisfy { (1...8).contains($0.wanted) })
        }
    }

    @Test func samplesInBetweenAreOfTheMean() {
        let capacity = settings(["com.openfaas.scale.type": "capacity", "com.openfaas.scale.target": "10"])
        var policy = ScalingPolicy(settings: capacity, stableWindow: .seconds(60))
        let replicas = ScalingPolicy.Replicas(wanted: 1, available: 1)
        // At each look nothing is under way by chance; in between there always is.
        for tick in 1...30 {
            let time = Duration.milliseconds(200 * tick)
            if tick % 5 == 0 {
                #expect(
                    policy.decide(LoadSample(time: time, started: 0, inFlight: 0), replicas: replicas) == .keep)
            } else {
                policy.observe(LoadSample(time: time, started: 0, inFlight: 10))
            }
        }
        #expect(policy.load.map { (7.9...8.1).contains($0) } == true, "\(policy.load ?? -1)")
    }

    @Test func anAlertIsAFloor() {
        var run = ScalingSimulation(settings())
        for _ in 0..<200 { run.step(calls: 1, floor: 4) }
        #expect(run.history.last?.wanted == 4)
        // The load alone would have been content with one for a whole window.
        for _ in 0..<5 { run.step(calls: 1) }
        #expect(run.history.last?.wanted == 1)
    }

    @Test func whatNobodyCallsGoesToRest() {
        let idle = settings(["com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": "2m"])
        var run = ScalingSimulation(idle)
        for _ in 0..<300 { run.step(calls: 1) }
        #expect(run.changes == 0)
        for _ in 0..<121 { run.step(calls: 0) }
        #expect(run.history.last?.wanted == 0)
        for _ in 0..<600 { run.step(calls: 0) }
        #expect(run.changes == 1)
        // Woken by a call, it has the whole time again.
        run.wake()
        run.step(calls: 1)
        for _ in 0..<118 { run.step(calls: 0) }
        #expect(run.history.last?.wanted == 1)
        for _ in 0..<4 { run.step(calls: 0) }
        #expect(run.history.last?.wanted == 0)
    }

    @Test func oneLongCallKeepsItAwake() {
        let idle = settings(["com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": "10s"])
        var policy = ScalingPolicy(settings: idle, stableWindow: .seconds(60))
        let replicas = ScalingPolicy.Replicas(wanted: 1, available: 1)
        for second in 1...100 {
            let sample = LoadSample(time: .seconds(second), started: 1, inFlight: 1)
            #expect(policy.decide(sample, replicas: replicas) == .keep)
        }
    }

    @Test func aFunctionThatSaysNothingOfLoadKeepsItsNumber() {
        var run = ScalingSimulation(ScaleSettings(labels: ["com.openfaas.scale.zero": "true"]))
        for _ in 0..<300 { run.step(calls: 10_000) }
        #expect(run.changes == 0)
    }

    @Test(arguments: 1...20) func anyLoadStaysWithinTheLimits(seed: UInt64) {
        var random = NoiseGenerator(seed: seed)
        var run = ScalingSimulation(
            settings(["com.openfaas.scale.min": "2", "com.openfaas.scale.max": "6"]), stableWindow: .seconds(30))
        run.startTime = Int.random(in: 0...15, using: &random)
        var calls = 0.0
        for _ in 0..<2000 {
            if Int.random(in: 0..<40, using: &random) == 0 { calls = Double.random(in: 0...600, using: &random) }
            run.step(calls: calls)
        }
        #expect(run.history.dropFirst(5).allSatisfy { (1...6).contains($0.wanted) }, "seed \(seed)")
        // A fall needs a stable window before it, and a rise is of a fall or of the load's own steps.
        let falls = zip(run.history, run.history.dropFirst()).count { $1.wanted < $0.wanted }
        #expect(falls <= 2000 / 30, "seed \(seed)")
    }
}

/// Random numbers that come again with the same seed (xorshift).
struct NoiseGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
