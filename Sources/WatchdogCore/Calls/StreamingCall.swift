/// One call in streaming mode: a process, with the request's body on its stdin and the answer on its stdout.
final class StreamingCall: Call, FunctionProcessOwner, TimerOwner {
    private unowned let server: Server
    private var connection: Connection?
    private var process: FunctionProcess?
    private lazy var flushTimer = LoopTimer(owner: self)
    private var answer = AnswerState()
    /// Bytes of output handed to the client.
    private var written = 0

    init(_ request: CallRequest, connection: Connection) throws(SystemError) {
        server = connection.server
        process = try FunctionProcess(request, server: connection.server, owner: self)
        self.connection = connection
    }

    var isInputOpen: Bool { process?.isInputOpen ?? false }
    var isHolding: Bool { answer.held > 0 }

    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int { process?.offerInput(bytes) ?? bytes.count }

    func finishInput() { process?.finishInput() }

    func readOutput(into buffer: Buffer) -> CallStep? {
        guard let process else { return nil }
        switch process.readOutput(into: buffer) {
        case .none: return nil
        case .bytes(let count): return perform(answer.received(count, isBufferFull: buffer.free == 0), buffer)
        case .ended: return perform(answer.outputEnded(), buffer)
        }
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep {
        guard let connection else { return .more }
        return perform(answer.failed(status, text), connection.outputBuffer())
    }

    func detach() {
        connection = nil
        server.loop.disarm(flushTimer)
        process?.detach(written: written)
        process = nil
    }

    // MARK: - Events

    func processMoved() { connection?.pump() }

    func processEnded(_ status: ExitStatus) { advance { $0.exited(status) } }

    func processFailed(_ status: StatusCode, _ text: String) { advance { $0.failed(status, text) } }

    func timerFired(_ timer: LoopTimer) { advance { $0.flushDue() } }

    private func advance(_ event: (inout AnswerState) -> AnswerState.Step) {
        // Held, as an answer that is complete detaches this call from it.
        guard let connection else { return }
        connection.take(perform(event(&answer), connection.outputBuffer()))
        connection.pump()
    }

    /// Does what the answer's state asks for.
    private func perform(_ step: AnswerState.Step, _ buffer: Buffer) -> CallStep {
        guard let connection, let process else { return .more }
        switch step {
        case .wait:
            return .more
        case .startFlushTimer:
            server.loop.arm(flushTimer, after: Limits.firstFlush)
            return .more
        case .startFlow:
            written += buffer.count
            connection.frame(buffer)
            let head = ResponseHead(contentType: server.configuration.contentType, length: .unknown)
            connection.prepend(head, to: buffer)
            return .more
        case .flow:
            written += buffer.count
            connection.frame(buffer)
            return .more
        case .finishWhole:
            written = buffer.count
            let head = ResponseHead(
                contentType: server.configuration.contentType, length: .exact(written), duration: process.age)
            connection.prepend(head, to: buffer)
            return .finish
        case .finishFlow:
            connection.endFrames(buffer)
            return .finish
        case .fail(let failure):
            if failure.isFunctions { written = buffer.count } else { buffer.clear() }
            connection.report(failure, duration: process.age, before: buffer)
            return .finish
        case .cut:
            return .cut
        }
    }
}
