import Testing

@testable import WatchdogCore

@Suite struct LifecycleTests {
    @Test func drainsAtOnceWithoutAPause() {
        var lifecycle = Lifecycle(pause: nil, drainLimit: .seconds(3))
        #expect(lifecycle.isHealthy)
        #expect(lifecycle.callsEnded() == .none)
        #expect(lifecycle.terminationRequested() == .drain(limit: .seconds(3)))
        #expect(!lifecycle.isHealthy && lifecycle.isDraining)
        #expect(lifecycle.processesEnded() == .none)
        #expect(lifecycle.callsEnded() == .endProcesses)
        #expect(lifecycle.drainElapsed() == .none)
        #expect(lifecycle.isDraining)
        #expect(lifecycle.processesEnded() == .exit(0))
        #expect(lifecycle.processesEnded() == .none)
    }

    @Test func servesThroughThePause() {
        var lifecycle = Lifecycle(pause: .seconds(1), drainLimit: nil)
        #expect(lifecycle.terminationRequested() == .pause(.seconds(1)))
        #expect(!lifecycle.isHealthy && !lifecycle.isDraining)
        #expect(lifecycle.callsEnded() == .none)
        #expect(lifecycle.pauseElapsed() == .drain(limit: nil))
        #expect(lifecycle.drainElapsed() == .endProcesses)
        #expect(lifecycle.processesEnded() == .exit(0))
    }

    @Test func leavesAtTheSecondSignal() {
        for pause in [nil, TimeSpan.seconds(1)] {
            var lifecycle = Lifecycle(pause: pause, drainLimit: nil)
            _ = lifecycle.terminationRequested()
            #expect(lifecycle.terminationRequested() == .exit(1))
            #expect(lifecycle.callsEnded() == .none)
        }
    }

    @Test func leavesWithAFunctionThatHasFailed() {
        var lifecycle = Lifecycle(pause: .seconds(1), drainLimit: nil)
        #expect(lifecycle.functionFailed() == .drain(limit: Limits.lastAnswers))
        #expect(lifecycle.callsEnded() == .endProcesses)
        #expect(lifecycle.processesEnded() == .exit(1))
        var draining = Lifecycle(pause: nil, drainLimit: nil)
        _ = draining.terminationRequested()
        #expect(draining.functionFailed() == .none)
        #expect(draining.callsEnded() == .endProcesses)
        #expect(draining.processesEnded() == .exit(1))
    }
}
