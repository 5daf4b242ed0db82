import Glibc

/// Who is told of the end of a process.
protocol ChildOwner: AnyObject {
    func childEnded(_ status: ExitStatus)
}

/// One process of the function, from its start until it is reaped and its logs have been read: also after the call
/// that it was started for is over.
final class ChildProcess: TimerOwner {
    let process: pid_t
    private unowned let table: ProcessTable
    private let logs: [LogPipe]
    private var owner: (any ChildOwner)?
    private var hasEnded = false
    private lazy var killTimer = LoopTimer(owner: self)

    /// - Parameter launched: its pipes.
    /// - Parameter logsOutput: whether stdout is a log as stderr is, and not an answer.
    init(
        _ process: pid_t, _ launched: Launcher.Launched, table: ProcessTable, owner: any ChildOwner,
        logsOutput: Bool = false
    ) {
        self.process = process
        self.table = table
        self.owner = owner
        var logs: [LogPipe] = []
        if let errors = launched.errors {
            logs.append(LogPipe(errors, label: "stderr: ", log: table.log, table: table))
        }
        if logsOutput {
            logs.append(LogPipe(launched.output, label: "stdout: ", log: table.outputLog, table: table))
        }
        self.logs = logs
        table.add(self)
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

    func release() {
        owner = nil
        table.loop.disarm(killTimer)
    }

    /// The table has reaped the process.
    func ended(_ status: ExitStatus) {
        hasEnded = true
        table.loop.disarm(killTimer)
        for log in logs { log.processEnded() }
        let owner = owner
        self.owner = nil
        owner?.childEnded(status)
    }
}
