/// One call in serializing mode: a process that gets the whole body and is answered when it has ended, with all it has
/// written or, when it failed, with why.
final class SerializingCall: Call, FunctionProcessOwner {
    private unowned let server: Server
    private var connection: Connection?
    private var process: FunctionProcess?
    private var isOutputOpen = true
    private var exit: ExitStatus?
    /// All output, until it is the answer.
    private let output: Spool
    /// Whether the answer has begun: then what the spool holds goes to the client.
    private var isAnswering = false
    private var written = 0

    init(_ request: CallRequest, connection: Connection) throws(SystemError) {
        server = connection.server
        output = Spool(connection.server.spools)
        process = try FunctionProcess(request, server: connection.server, owner: self)
        self.connection = connection
    }

    var isInputOpen: Bool { process?.isInputOpen ?? false }
    var isHolding: Bool { false }

    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int { process?.offerInput(bytes) ?? bytes.count }

    func finishInput() { process?.finishInput() }

    func readOutput(into buffer: Buffer) -> CallStep? {
        if isAnswering { return moveAnswer(into: buffer) }
        guard let process, isOutputOpen else { return nil }
        switch process.readOutput(into: buffer) {
        case .none:
            return nil
        case .bytes:
            let taken = output.append(buffer.readable)
            guard taken == buffer.count else {
                let text = "output is larger than \(output.bound) bytes"
                server.log.line("\(text): process ended")
                return fail(.internalError, text)
            }
            buffer.clear()
            return .more
        case .ended:
            isOutputOpen = false
            return conclude(buffer)
        }
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep {
        guard let connection, !isAnswering else { return .cut }
        let buffer = connection.outputBuffer()
        buffer.clear()
        connection.report(AnswerState.Failure(status: status, text: text), before: buffer)
        return .finish
    }

    func detach() {
        connection = nil
        output.clear()
        process?.detach(written: written)
        process = nil
    }

    // MARK: - Events

    func processMoved() { connection?.pump() }

    func processEnded(_ status: ExitStatus) {
        exit = status
        advance { conclude($0) }
    }

    func processFailed(_ status: StatusCode, _ text: String) { advance { _ in fail(status, text) } }

    private func advance(_ event: (Buffer) -> CallStep) {
        guard let connection else { return }
        connection.take(event(connection.outputBuffer()))
        connection.pump()
    }

    /// Begins the answer when the process has ended and all its output has been read.
    private func conclude(_ buffer: Buffer) -> CallStep {
        guard let connection, let process, let exit, !isOutputOpen else { return .more }
        guard exit.isSuccess else {
            let failure = AnswerState.Failure(status: .internalError, text: exit.text, isFunctions: true)
            connection.report(failure, duration: process.age, before: buffer)
            return .finish
        }
        isAnswering = true
        written = output.count
        connection.append(
            ResponseHead(
                contentType: server.configuration.contentType, length: .exact(written), duration: process.age),
            to: buffer)
        return moveAnswer(into: buffer)
    }

    private func moveAnswer(into buffer: Buffer) -> CallStep {
        guard let connection, !connection.exchange.isHEAD else { return .finish }
        output.move(into: buffer)
        if output.isBroken { return .cut }
        return output.isEmpty ? .finish : .more
    }
}
