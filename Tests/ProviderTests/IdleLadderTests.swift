import OpenFaaSAPI
import Testing

@testable import Provider

/// The way down from frozen, and up again.
struct IdleLadderTests {
    private func asleep(_ labels: [String: String] = [:]) throws -> FunctionSimulation {
        var function = try FunctionSimulation(labels: labels)
        function.settle()
        function.scale(to: 0)
        function.settle()
        return function
    }

    @Test func eachStepComesInItsTime() throws {
        var function = try asleep()
        let start = function.now
        #expect(function.nextStep == .wait(until: start + .seconds(60)))
        function.pass(.seconds(60))
        #expect(function.nextStep == .reclaim(["r1"]))
        function.apply(.reclaim(["r1"]))
        #expect(function.state.replicas["r1"]?.restStage == .reclaimed)
        #expect(function.nextStep == .wait(until: start + .seconds(300)))
        function.pass(.seconds(240))
        #expect(function.nextStep == .stop(["r1"]))
        function.apply(.stop(["r1"]))
        #expect(function.state.replicas["r1"]?.restStage == .stopped)
        #expect(function.nextStep == nil && function.state.availability(now: function.now) == .starting)
        _ = function.state.wake(called: function.now)
        #expect(function.nextStep == .revive(["r1"]))
        function.apply(.revive(["r1"]))
        #expect(function.nextStep == nil)
        function.finishStarts()
        #expect(function.state.callable.map(\.id) == ["r1"])
        function.state.woke(now: function.now + .milliseconds(125))
        #expect(function.state.wakeTimes.stopped == 0.125)
    }

    @Test func aCallStartsTheWayAnew() throws {
        var function = try asleep()
        function.pass(.seconds(60))
        function.apply(.reclaim(["r1"]))
        _ = function.state.wake(called: function.now)
        function.settle()
        function.scale(to: 0)
        function.settle()
        #expect(function.state.replicas["r1"]?.restStage == .frozen)
        #expect(function.nextStep == .wait(until: function.now + .seconds(60)))
    }

    @Test func theLabelWinsAndZeroIsNever() throws {
        var soon = try asleep(["com.openfaas.scale.stop-duration": "10s"])
        soon.pass(.seconds(10))
        #expect(soon.nextStep == .stop(["r1"]))
        var never = try asleep(["com.openfaas.scale.stop-duration": "0s"])
        never.pass(.seconds(60))
        never.apply(.reclaim(["r1"]))
        never.pass(.seconds(100_000))
        #expect(never.nextStep == nil)
    }

    @Test func reservesStayFrozen() throws {
        var function = try asleep(["com.openfaas.scale.warm": "1"])
        #expect(function.frozen.count == 2)
        function.pass(.seconds(100_000))
        function.settle()
        let stages = function.state.replicas.values.compactMap(\.restStage)
        #expect(stages.count == 2 && stages.contains(.frozen) && stages.contains(.stopped))
        // The reserve answers, and the stopped one becomes the reserve.
        _ = function.state.wake(called: function.now)
        guard case .rise = function.nextStep else {
            Issue.record("the reserve should rise, not \(String(describing: function.nextStep))")
            return
        }
        function.settle()
        #expect(function.state.callable.count == 1 && function.frozen.count == 1)
    }

    @Test func whatIsStoppedGoesFirst() throws {
        var function = try asleep(["com.openfaas.scale.min": "2"])
        function.pass(.seconds(300))
        function.apply(.stop(["r1"]))
        function.scale(to: 1)
        #expect(function.nextStep == .rise(["r2"]))
        function.apply(.rise(["r2"]))
        #expect(function.nextStep == .retire(["r1"]))
    }
}
