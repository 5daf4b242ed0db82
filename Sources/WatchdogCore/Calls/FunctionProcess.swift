import Glibc

/// Who is told what the process of a call does by itself.
protocol FunctionProcessOwner: AnyObject {
    /// More input may be taken, or more output be there.
    func processMoved()
    func processEnded(_ status: ExitStatus)
    /// `exec_timeout` is over, or the process could not be started.
    func processFailed(_ status: StatusCode, _ text: String)
}

/// The process of one call, with our ends of its stdin and stdout.
final class FunctionProcess: EventHandler, TimerOwner, ChildOwner, StartOwner {
    private unowned let server: Server
    private var owner: (any FunctionProcessOwner)?
    private var child: ChildProcess?
    private var launched: Launcher.Launched?
    private var isStarting = false
    /// Our end of stdin; -1 when closed, and then input is thrown away.
    private var input: Int32 = -1
    private var isInputWatched = false
    private var output: Int32 = -1
    private var canReadOutput = false
    /// Bytes of output that were in the pipe when the process ended. What a descendant adds later is not the answer's.
    private var outputLeft: Int?
    private let began = Instant.now()
    private lazy var execTimer = LoopTimer(owner: self)

    /// Starts a process for a request, and counts it as a call until it has ended.
    init(_ request: CallRequest, server: Server, owner: any FunctionProcessOwner) throws(SystemError) {
        server.log.line { $0.append("Forking fprocess.") }
        self.server = server
        self.owner = owner
        let launched = try server.launcher.launch(
            request, takesInput: request.head.framing != .none,
            starter: server.hasCalls ? server.processes.backgroundStarter() : nil, owner: self)
        self.launched = launched
        input = launched.input ?? -1
        output = launched.output
        server.loop.watch(output, for: [.readable, .edgeTriggered], self)
        if let process = launched.process {
            child = ChildProcess(process, launched, table: server.processes, owner: self)
        } else {
            isStarting = true
        }
        if let limit = server.configuration.execTimeout { server.loop.arm(execTimer, after: limit) }
        server.callBegan()
    }

    var isInputOpen: Bool { input >= 0 }
    var age: TimeSpan { Instant.now() - began }

    /// See `Call`.
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

    /// The process reads the end of its stdin.
    func finishInput() {
        guard input >= 0 else { return }
        server.loop.closeDescriptor(input)
        input = -1
    }

    enum Output {
        case none
        case bytes(Int)
        case ended
    }

    /// Reads output behind what `buffer` holds.
    func readOutput(into buffer: Buffer) -> Output {
        guard output >= 0, canReadOutput else { return .none }
        if outputLeft == 0 { return endOutput() }
        switch buffer.fill(limit: outputLeft ?? .max, from: { Descriptors.receive(output, into: $0) }) {
        case .moved(let count):
            // Less than there was room for is all there is; more of it, or its end, is a new event.
            if outputLeft == nil, buffer.free > 0 { canReadOutput = false }
            outputLeft = outputLeft.map { $0 - count }
            return .bytes(count)
        case .blocked:
            canReadOutput = false
            return outputLeft == nil ? .none : endOutput()
        case .ended, .failed:
            return endOutput()
        }
    }

    private func endOutput() -> Output {
        closeOutput()
        // A process that closes its output is about to end, nearly always.
        if child != nil { server.loop.expectEvent() }
        return .ended
    }

    private func closeOutput() {
        guard output >= 0 else { return }
        server.loop.closeDescriptor(output)
        output = -1
    }

    // MARK: - Events

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        if descriptor == output { canReadOutput = true }
        owner?.processMoved()
    }

    func timerFired(_ timer: LoopTimer) {
        guard let limit = server.configuration.execTimeout else { return }
        let text = "exec_timeout of \(GoDuration.text(limit)) exceeded"
        server.log.line("\(text): process ended")
        owner?.processFailed(.gatewayTimeout, text)
    }

    func started(_ outcome: Result<pid_t, SystemError>) {
        isStarting = false
        guard let launched else { return }
        switch outcome {
        case .success(let process):
            let child = ChildProcess(process, launched, table: server.processes, owner: self)
            self.child = child
            if owner == nil { child.terminate() }
        case .failure(let error):
            if let errors = launched.errors { close(errors) }
            let (status, text) = LaunchFailure.describe(error, command: server.configuration.command[0])
            server.log.line(text)
            guard let owner else { return server.callEnded() }
            owner.processFailed(status, text)
        }
    }

    func childEnded(_ status: ExitStatus) {
        child = nil
        server.loop.disarm(execTimer)
        if !status.isSuccess { server.log.line(status.text) }
        if output >= 0 {
            outputLeft = Descriptors.readableBytes(output)
            canReadOutput = true
        }
        guard let owner else { return server.callEnded() }
        owner.processEnded(status)
    }

    /// Nobody wants the answer any more, or it is complete. A process that still runs is ended; it counts as in flight
    /// until it has.
    func detach(written: Int) {
        owner = nil
        finishInput()
        closeOutput()
        server.loop.disarm(execTimer)
        server.log.line { line in
            line.append("Wrote ")
            line.append(decimal: written)
            line.append(" Bytes - Duration: ")
            line.append(seconds: age)
            line.append("s")
        }
        if let child {
            child.terminate()
        } else if !isStarting {
            server.callEnded()
        }
    }
}
