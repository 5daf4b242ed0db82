import OpenFaaSAPI
import TestSupport
import Testing

@testable import Provider

/// Going to rest and rising again, decision by decision.
struct FunctionRestTests {
    private let now = ContinuousClock.now

    private func serving(_ function: inout FunctionSimulation, _ count: Int) {
        for _ in 0..<count {
            #expect(function.state.nextStep(now: now) == .start)
            function.apply(.start)
            function.finishStarts()
        }
    }

    @Test func atZeroAllThatServeRestAndAreKept() throws {
        var function = try FunctionSimulation(labels: ["com.openfaas.scale.min": "2"])
        serving(&function, 2)
        function.scale(to: 0)
        #expect(function.state.nextStep(now: now) == .rest(["r1", "r2"]))
        function.apply(.rest(["r1", "r2"]))
        #expect(function.state.availability(now: now) == .starting)
        #expect(function.state.nextStep(now: now) == nil)
        function.freezeAll()
        #expect(function.frozen == ["r1", "r2"] && function.state.nextStep(now: now) == nil)
    }

    @Test func whatIsBeyondTheMinimumGoes() throws {
        var function = try FunctionSimulation()
        function.scale(to: 3)
        serving(&function, 3)
        function.scale(to: 0)
        #expect(function.state.nextStep(now: now) == .retire(["r1", "r2"]))
        function.apply(.retire(["r1", "r2"]))
        #expect(function.state.nextStep(now: now) == .rest(["r3"]))
    }

    @Test func aCallBringsBackWhatIsFrozenOrAboutToBe() throws {
        var function = try FunctionSimulation(labels: ["com.openfaas.scale.min": "2"])
        serving(&function, 2)
        function.scale(to: 0)
        let turns = function.state.beginRest(["r1", "r2"])
        function.state.froze("r1", turn: turns[0].turn, by: nil, now: now)
        let woken = function.state.wake(called: now)
        #expect(woken && function.state.accepted?.replicas == 2)
        #expect(function.state.nextStep(now: now) == .rise(["r1", "r2"]))
        _ = function.state.rise(["r1", "r2"])
        #expect(function.state.callable.map(\.id) == ["r1", "r2"] && function.state.nextStep(now: now) == nil)
        // What had begun before must not freeze it now, nor after it has gone to rest once more.
        #expect(function.state.resting("r2", turn: turns[1].turn) == nil)
        _ = function.state.beginRest(["r2"])
        function.state.froze("r2", turn: turns[1].turn, by: nil, now: now)
        #expect(function.frozen == [])
        let again = function.state.wake(called: now)
        #expect(!again)
    }

    @Test func aCallMayThawWhatItWouldWakeOnceAllOfItIsFrozen() throws {
        var function = try FunctionSimulation(labels: ["com.openfaas.scale.min": "2"])
        serving(&function, 2)
        #expect(function.state.listable == nil)
        function.scale(to: 0)
        let turns = function.state.beginRest(["r1", "r2"])
        function.state.froze("r1", turn: turns[0].turn, by: nil, now: now)
        #expect(function.state.listable == nil)
        function.state.froze("r2", turn: turns[1].turn, by: nil, now: now)
        #expect(function.state.listable?.map(\.endpoint.id) == ["r1", "r2"])
        function.state.replicas["r1"]?.hasEnded = true
        #expect(function.state.listable?.map(\.endpoint.id) == ["r2"])
        function.scale(to: 1)
        #expect(function.state.listable == nil)
    }

    @Test func theTimeOfAWakeIsKept() throws {
        var function = try FunctionSimulation()
        serving(&function, 1)
        function.scale(to: 0)
        function.apply(.rest(["r1"]))
        function.freezeAll()
        _ = function.state.wake(called: now)
        function.state.woke(now: now + .milliseconds(250))
        #expect(function.state.wakeTimes.frozen == 0.25)
        #expect(function.state.waking == nil)
    }

    @Test func afterARebootNothingStartsAtZeroButReserves() throws {
        var function = try FunctionSimulation()
        function.scale(to: 0)
        #expect(function.state.nextStep(now: now) == nil)
        var reserved = try FunctionSimulation(labels: ["com.openfaas.scale.warm": "1"])
        reserved.scale(to: 0)
        #expect(reserved.state.nextStep(now: now) == .start)
        reserved.apply(.start)
        reserved.finishStarts()
        #expect(reserved.state.nextStep(now: now) == .rest(["r1"]))
    }

    @Test func aReserveIsMadeFrozenAndUsedFirst() throws {
        var function = try FunctionSimulation(labels: ["com.openfaas.scale.warm": "1", "com.openfaas.scale.max": "3"])
        serving(&function, 1)
        #expect(function.state.nextStep(now: now) == .start)
        function.apply(.start)
        function.finishStarts()
        // It is no longer to be called when it is seen to serve.
        #expect(function.state.callable.map(\.id) == ["r1"])
        function.freezeAll()
        #expect(function.frozen == ["r2"] && function.state.nextStep(now: now) == nil)
        function.scale(to: 2)
        #expect(function.state.nextStep(now: now) == .rise(["r2"]))
        function.apply(.rise(["r2"]))
        #expect(function.state.nextStep(now: now) == .start)
        function.apply(.start)
        function.finishStarts()
        function.freezeAll()
        // At the maximum a reserve could never be used.
        function.scale(to: 3)
        function.apply(.rise(["r3"]))
        #expect(function.state.nextStep(now: now) == nil)
        function.scale(to: 1)
        #expect(function.state.nextStep(now: now) == .retire(["r1"]))
        function.apply(.retire(["r1"]))
        #expect(function.state.nextStep(now: now) == .rest(["r3"]))
    }

    @Test func aFrozenReplicaThatEndedIsNotCalled() throws {
        var function = try FunctionSimulation()
        serving(&function, 1)
        function.scale(to: 0)
        function.apply(.rest(["r1"]))
        function.freezeAll()
        function.state.replicas["r1"]?.hasEnded = true
        _ = function.state.wake(called: now)
        #expect(function.state.nextStep(now: now) == nil && function.state.callable.isEmpty)
        function.state.replicas["r1"] = nil
        #expect(function.state.nextStep(now: now) == .start)
    }

    /// Whatever happens in whatever order, the promises hold at every moment.
    @Test func randomOrdersKeepThePromises() throws {
        var random = try SeededGenerator()
        print("FAASD_TEST_SEED=\(random.seed)")
        for round in 0..<300 {
            let labels = [
                "com.openfaas.scale.min": "\(Int.random(in: 1...3, using: &random))", "com.openfaas.scale.max": "5",
                "com.openfaas.scale.warm": "\(Int.random(in: 0...2, using: &random))",
            ]
            var function = try FunctionSimulation(labels: labels)
            for _ in 0..<200 {
                function.happens(&random)
                try #require(function.problem == nil, "seed \(random.seed), round \(round): \(function.history)")
            }
            function.settle()
            try #require(
                function.unsettled == nil, "seed \(random.seed), round \(round), \(labels): \(function.history)")
        }
    }
}
