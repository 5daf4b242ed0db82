import Testing

@testable import WatchdogCore

@Suite struct AnswerStateTests {
    @Test func answersAShortRunAsAWhole() {
        var state = AnswerState()
        #expect(state.received(5, isBufferFull: false) == .startFlushTimer)
        #expect(state.received(5, isBufferFull: false) == .wait)
        #expect(state.outputEnded() == .wait)
        #expect(state.exited(.exited(0)) == .finishWhole)
        #expect(!state.isHolding)
    }

    @Test func waitsForOutputThatIsStillInThePipe() {
        var state = AnswerState()
        #expect(state.exited(.exited(0)) == .wait)
        #expect(state.received(3, isBufferFull: false) == .startFlushTimer)
        #expect(state.outputEnded() == .finishWhole)
    }

    @Test func flowsOnceTheMomentIsOverOrTheBufferFull() {
        var state = AnswerState()
        _ = state.received(1, isBufferFull: false)
        #expect(state.flushDue() == .startFlow)
        #expect(state.received(1, isBufferFull: true) == .flow)
        #expect(state.flushDue() == .wait)
        _ = state.outputEnded()
        #expect(state.exited(.exited(0)) == .finishFlow)
        var full = AnswerState()
        #expect(full.received(9, isBufferFull: true) == .startFlow)
        #expect(full.held == 0)
    }

    @Test func holdsNothingBackWithoutOutput() {
        var state = AnswerState()
        #expect(state.flushDue() == .wait)
        #expect(state.isHolding)
    }

    @Test func reportsAFailureWhileThereIsNoHead() {
        var state = AnswerState()
        _ = state.received(3, isBufferFull: false)
        _ = state.outputEnded()
        let failure = AnswerState.Failure(status: .internalError, text: "exit status 3", isFunctions: true)
        #expect(state.exited(.exited(3)) == .fail(failure))
        var killed = AnswerState()
        _ = killed.outputEnded()
        let signal = AnswerState.Failure(status: .internalError, text: "signal: killed", isFunctions: true)
        #expect(killed.exited(.signaled(9)) == .fail(signal))
    }

    @Test func breaksOffAFailureAfterTheHead() {
        var state = AnswerState()
        _ = state.received(3, isBufferFull: true)
        _ = state.outputEnded()
        #expect(state.exited(.exited(1)) == .cut)
        var late = AnswerState()
        _ = late.received(3, isBufferFull: true)
        #expect(late.failed(.gatewayTimeout, "late") == .cut)
    }

    @Test func answersOnce() {
        var state = AnswerState()
        let failure = AnswerState.Failure(status: .gatewayTimeout, text: "late")
        #expect(state.failed(.gatewayTimeout, "late") == .fail(failure))
        #expect(state.failed(.gatewayTimeout, "late") == .wait)
        #expect(state.received(1, isBufferFull: false) == .wait)
        #expect(state.outputEnded() == .wait)
        #expect(state.exited(.signaled(15)) == .wait)
    }
}
