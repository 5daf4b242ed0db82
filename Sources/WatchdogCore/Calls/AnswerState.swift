/// Turns what a function's process does into what its client is sent.
///
/// Output is held back at first: for a moment (`Limits.firstFlush`), or until the buffer is full. A process that ends
/// before is answered as a whole, and its failure is a status. Later the answer flows as output comes, and a failure
/// can only be shown by an answer that does not end properly.
struct AnswerState {
    enum Step: Equatable {
        case wait
        /// The first output is there: report `flushDue` after a moment.
        case startFlushTimer
        /// Send the head and all output held so far; the length is not known.
        case startFlow
        /// Send the output read last.
        case flow
        /// Send head and output; this is all.
        case finishWhole
        /// Send what ends the flow.
        case finishFlow
        /// Answer with this status and text, followed by the output held so far when the failure is the function's.
        case fail(Failure)
        /// Break the answer off so that the client sees it.
        case cut
    }

    struct Failure: Equatable {
        let status: StatusCode
        let text: String
        /// Whether the function has failed by itself; otherwise the platform speaks.
        var isFunctions = false
    }

    private enum Phase {
        case holding
        case flowing
        case settled
    }

    private var phase = Phase.holding
    private var isOutputOpen = true
    private var exit: ExitStatus?
    /// Bytes of output that wait in the buffer for a head.
    private(set) var held = 0

    var isHolding: Bool { phase == .holding }

    /// Output was read.
    mutating func received(_ count: Int, isBufferFull: Bool) -> Step {
        switch phase {
        case .settled: return .wait
        case .flowing: return .flow
        case .holding:
            let isFirst = held == 0
            held += count
            if isBufferFull { return flow() }
            return isFirst ? .startFlushTimer : .wait
        }
    }

    mutating func flushDue() -> Step {
        phase == .holding && held > 0 ? flow() : .wait
    }

    /// All output has been read.
    mutating func outputEnded() -> Step {
        isOutputOpen = false
        return conclude()
    }

    /// The process has ended. Output may still be in its pipe.
    mutating func exited(_ status: ExitStatus) -> Step {
        exit = status
        return conclude()
    }

    /// A limit was exceeded, or the request turned out to be wrong.
    mutating func failed(_ status: StatusCode, _ text: String) -> Step {
        fail(Failure(status: status, text: text))
    }

    private mutating func flow() -> Step {
        phase = .flowing
        held = 0
        return .startFlow
    }

    private mutating func conclude() -> Step {
        guard !isOutputOpen, let exit, phase != .settled else { return .wait }
        guard exit.isSuccess else {
            return fail(Failure(status: .internalError, text: exit.text, isFunctions: true))
        }
        let isWhole = phase == .holding
        phase = .settled
        return isWhole ? .finishWhole : .finishFlow
    }

    private mutating func fail(_ failure: Failure) -> Step {
        guard phase != .settled else { return .wait }
        let isWhole = phase == .holding
        phase = .settled
        return isWhole ? .fail(failure) : .cut
    }
}
