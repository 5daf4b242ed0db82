import Glibc

/// All processes of the function that run, and the reaping of every process that ends: PID 1 also inherits those that
/// it never started.
final class ProcessTable: LogWaiter {
    let loop: EventLoop
    let log: LogSink
    let pool: BufferPool
    let lineLimit: Int
    let prefixesLines: Bool
    private var running: [pid_t: ChildProcess] = [:]
    private var waitingForLog: [ChildProcess] = []

    init(loop: EventLoop, log: LogSink, pool: BufferPool, configuration: WatchdogConfiguration) {
        self.loop = loop
        self.log = log
        self.pool = pool
        lineLimit = configuration.logBufferSize
        prefixesLines = configuration.prefixLogs
        log.waiter = self
    }

    func add(_ child: ChildProcess) {
        running[child.process] = child
    }

    func killAll() {
        for child in running.values { child.killNow() }
    }

    /// Reaps all that have ended. Each is looked at before it is reaped: as long as it is not, its number cannot be
    /// given to another process, and so the signal to what is left of its group reaches nobody else. A process that
    /// wants to outlive its call has to leave the group (`setsid`).
    func reap() {
        while true {
            var information = siginfo_t()
            guard waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return }
            let process = information._sifields._sigchld.si_pid
            guard process != 0 else { return }
            let child = running.removeValue(forKey: process)
            if child != nil { kill(-process, SIGKILL) }
            waitpid(process, nil, 0)
            let value = information._sifields._sigchld.si_status
            child?.ended(information.si_code == Int32(CLD_EXITED) ? .exited(value) : .signaled(value))
        }
    }

    /// The child goes on reading its stderr when the log has room.
    func waitForLog(_ child: ChildProcess) {
        if !waitingForLog.contains(where: { $0 === child }) { waitingForLog.append(child) }
    }

    func logHasRoom() {
        let children = waitingForLog
        waitingForLog.removeAll(keepingCapacity: true)
        for child in children { child.readErrors() }
    }
}
