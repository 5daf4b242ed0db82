import Glibc

/// Who is told of the end of a process.
protocol ChildOwner: AnyObject {
    func childEnded(_ status: ExitStatus)
}

/// One process of the function, from its start until it is reaped and its stderr has been read: also after the call
/// that it was started for is over.
final class ChildProcess: EventHandler, TimerOwner, Resumable {
    let process: pid_t
    private unowned let table: ProcessTable
    private var errors: Int32
    private var splitter: LineSplitter
    private var owner: (any ChildOwner)?
    private var hasEnded = false
    /// Bytes of stderr that were in the pipe when the process ended; what a descendant adds later is not waited for.
    private var errorsLeft: Int?
    /// Read from stderr, and not yet taken by the log.
    private var unlogged: Buffer?
    private lazy var killTimer = LoopTimer(owner: self)

    init(_ launched: Launcher.Launched, table: ProcessTable, owner: any ChildOwner) {
        process = launched.process
        errors = launched.errors
        self.table = table
        self.owner = owner
        splitter = LineSplitter(limit: table.lineLimit)
        table.loop.watch(errors, for: [.readable, .edgeTriggered], self)
    }

    /// Asks the whole process group to end, and kills it when it has not after `Limits.killGrace`.
    func terminate() {
        guard !hasEnded, !killTimer.isArmed else { return }
        kill(-process, SIGTERM)
        table.loop.arm(killTimer, after: Limits.killGrace)
    }

    func killNow() {
        if !hasEnded { kill(-process, SIGKILL) }
    }

    func timerFired(_ timer: LoopTimer) {
        table.log.line { buffer in
            buffer.append("process ")
            buffer.append(decimal: Int(process))
            buffer.append(" ignores SIGTERM: killed")
        }
        killNow()
    }

    /// The table has reaped the process.
    func ended(_ status: ExitStatus) {
        hasEnded = true
        table.loop.disarm(killTimer)
        if errors >= 0 { errorsLeft = Descriptors.readableBytes(errors) }
        readErrors()
        let owner = owner
        self.owner = nil
        owner?.childEnded(status)
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        readErrors()
    }

    func resume() {
        readErrors()
    }

    /// Moves stderr to the log as far as the log takes it; goes on in the next turn when there is much.
    func readErrors() {
        for _ in 0..<Limits.movesPerTurn {
            guard errors >= 0 else { return }
            guard logRead() else { return table.waitForLog(self) }
            if errorsLeft == 0 { return closeErrors() }
            let buffer = table.pool.take()
            switch buffer.fill(limit: errorsLeft ?? .max, from: { Descriptors.receive(errors, into: $0) }) {
            case .moved(let count):
                errorsLeft = errorsLeft.map { $0 - count }
                unlogged = buffer
            case .blocked:
                table.pool.giveBack(buffer)
                if hasEnded { closeErrors() }
                return
            case .ended, .failed:
                table.pool.giveBack(buffer)
                return closeErrors()
            }
        }
        table.loop.resumeLater(self)
    }

    /// Logs what was read last.
    /// - Returns: false when the log does not take all of it now.
    private func logRead() -> Bool {
        guard let buffer = unlogged else { return true }
        let used = splitter.feed(buffer.readable) { log($0) }
        buffer.consume(used)
        guard buffer.isEmpty else { return false }
        unlogged = nil
        table.pool.giveBack(buffer)
        return true
    }

    private func log(_ line: UnsafeRawBufferPointer) -> Bool {
        table.log.functionLine(line, isPrefixed: table.prefixesLines)
    }

    private func closeErrors() {
        splitter.finish { log($0) }
        table.loop.closeDescriptor(errors)
        errors = -1
    }
}
