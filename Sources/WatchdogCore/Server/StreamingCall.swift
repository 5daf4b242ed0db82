import Glibc

/// One call in streaming mode: a process, with the request's body on its stdin and the answer on its stdout.
///
/// The connection pushes input and pulls output, each only as far as the other side takes it; what the process does by
/// itself (end, exceed its time) is reported to the connection.
final class StreamingCall: EventHandler, TimerOwner, ChildOwner {
    private unowned let server: Server
    private var connection: Connection?
    private var child: ChildProcess?
    /// Our end of stdin; -1 when closed, and then input is thrown away.
    private var input: Int32
    private var isInputWatched = false
    private var output: Int32
    private var canReadOutput = true
    /// Bytes of output that were in the pipe when the process ended. What a descendant adds later is not the answer's.
    private var outputLeft: Int?
    private let started = Instant.now()
    private lazy var execTimer = LoopTimer(owner: self)
    private lazy var flushTimer = LoopTimer(owner: self)
    var answer = AnswerState()
    /// Bytes of output handed to the client.
    var written = 0

    init(_ launched: Launcher.Launched, server: Server, connection: Connection) {
        self.server = server
        self.connection = connection
        input = launched.input ?? -1
        output = launched.output
        server.loop.watch(output, for: [.readable, .edgeTriggered], self)
        let child = ChildProcess(launched, table: server.processes, owner: self)
        self.child = child
        server.processes.add(child)
        if let limit = server.configuration.execTimeout { server.loop.arm(execTimer, after: limit) }
        server.callBegan()
    }

    /// Whether the process still takes input, as far as is known.
    var isInputOpen: Bool { input >= 0 }
    var age: Duration { Instant.now() - started }

    // MARK: - Input

    /// Offers body bytes to the process.
    /// - Returns: how many it took; all when it has closed its stdin, as then nobody wants them.
    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard input >= 0 else { return bytes.count }
        switch Descriptors.send(input, bytes) {
        case .moved(let count):
            return count
        case .blocked:
            if !isInputWatched {
                isInputWatched = server.loop.watch(input, for: [.writable, .edgeTriggered], self)
            }
            return 0
        case .ended, .failed:
            finishInput()
            return bytes.count
        }
    }

    /// The body is complete: the process reads the end of its stdin.
    func finishInput() {
        guard input >= 0 else { return }
        server.loop.closeDescriptor(input)
        input = -1
    }

    // MARK: - Output

    /// Reads output behind what `buffer` holds.
    /// - Returns: nil when there is none for now.
    func readOutput(into buffer: Buffer) -> AnswerState.Step? {
        guard output >= 0, canReadOutput else { return nil }
        if outputLeft == 0 { return endOutput() }
        switch buffer.fill(limit: outputLeft ?? .max, from: { Descriptors.receive(output, into: $0) }) {
        case .moved(let count):
            outputLeft = outputLeft.map { $0 - count }
            return answer.received(count, isBufferFull: buffer.free == 0)
        case .blocked:
            canReadOutput = false
            return outputLeft == nil ? nil : endOutput()
        case .ended, .failed:
            return endOutput()
        }
    }

    private func endOutput() -> AnswerState.Step {
        closeOutput()
        return answer.outputEnded()
    }

    private func closeOutput() {
        guard output >= 0 else { return }
        server.loop.closeDescriptor(output)
        output = -1
    }

    func startFlushTimer() {
        server.loop.arm(flushTimer, after: Limits.firstFlush)
    }

    // MARK: - Events

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        if descriptor == output { canReadOutput = true }
        connection?.pump()
    }

    func timerFired(_ timer: LoopTimer) {
        // Held, as an answer that is complete detaches this call from it.
        guard let connection else { return }
        if timer === flushTimer {
            connection.take(answer.flushDue())
        } else if let limit = server.configuration.execTimeout {
            let text = "exec_timeout of \(GoDuration.text(limit)) exceeded"
            server.log.line("\(text): process ended")
            connection.take(answer.failed(.gatewayTimeout, text))
        }
        connection.pump()
    }

    func childEnded(_ status: ExitStatus) {
        child = nil
        server.loop.disarm(execTimer)
        if !status.isSuccess { server.log.line(status.text) }
        if output >= 0 {
            outputLeft = Descriptors.readableBytes(output)
            canReadOutput = true
        }
        guard let connection else { return server.callEnded() }
        connection.take(answer.exited(status))
        connection.pump()
    }

    /// The connection is done with this call: the answer is complete, or nobody wants it any more. A process that
    /// still runs is ended; the call counts as in flight until it has.
    func detach() {
        connection = nil
        finishInput()
        closeOutput()
        server.loop.disarm(execTimer)
        server.loop.disarm(flushTimer)
        server.log.line { line in
            line.append("Wrote ")
            line.append(decimal: written)
            line.append(" Bytes - Duration: ")
            line.append(seconds: age)
            line.append("s")
        }
        if let child {
            child.terminate()
        } else {
            server.callEnded()
        }
    }
}
