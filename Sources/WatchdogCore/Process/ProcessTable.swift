import Glibc

/// All processes of the function that run, and the reaping of every process that ends: PID 1 also inherits those that
/// it never started.
final class ProcessTable: LogWaiter {
    let loop: EventLoop
    let log: LogSink
    /// Takes what functions that serve by themselves write to stdout.
    let outputLog: LogSink
    let pool: BufferPool
    let lineLimit: Int
    let prefixesLines: Bool
    /// Starts processes in the background; made with the first call that is not alone.
    private var starter: Starter?
    private var running: [pid_t: ChildProcess] = [:]
    private var waitingForLog: [LogPipe] = []

    init(
        loop: EventLoop, logs: (errors: LogSink, output: LogSink), pool: BufferPool,
        configuration: WatchdogConfiguration
    ) {
        self.loop = loop
        log = logs.errors
        outputLog = logs.output
        self.pool = pool
        lineLimit = configuration.logBufferSize
        prefixesLines = configuration.prefixLogs
        log.waiter = self
        outputLog.waiter = self
    }

    /// Who starts processes in the background; its threads are made when they are first needed, and then all signals
    /// are blocked already.
    func backgroundStarter() -> Starter? {
        if starter == nil { starter = Starter(loop: loop) { [unowned self] in reap() } }
        return starter
    }

    func add(_ child: ChildProcess) {
        running[child.process] = child
    }

    var isEmpty: Bool { running.isEmpty && !(starter?.isBusy ?? false) }

    func terminateAll() {
        for child in running.values { child.terminate() }
    }

    func killAll() {
        for child in running.values { child.killNow() }
    }

    /// Nobody is told any more.
    func release() {
        for child in running.values { child.release() }
        running = [:]
    }

    /// Reaps all that have ended. Each is looked at before it is reaped: as long as it is not, its number cannot be
    /// given to another process, and so the signal to what is left of its group reaches nobody else. A process that
    /// wants to outlive its call has to leave the group (`setsid`).
    func reap() {
        starter?.collect()
        while true {
            var information = siginfo_t()
            guard waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return }
            let process = information._sifields._sigchld.si_pid
            guard process != 0 else { return }
            let child = running.removeValue(forKey: process)
            // One that has ended before its start was told: it is looked at again then.
            if child == nil, starter?.isBusy ?? false { return }
            if child != nil { kill(-process, SIGKILL) }
            waitpid(process, nil, 0)
            let value = information._sifields._sigchld.si_status
            child?.ended(information.si_code == Int32(CLD_EXITED) ? .exited(value) : .signaled(value))
        }
    }

    /// The pipe is read on when the log has room.
    func waitForLog(_ pipe: LogPipe) {
        if !waitingForLog.contains(where: { $0 === pipe }) { waitingForLog.append(pipe) }
    }

    func logHasRoom() {
        let pipes = waitingForLog
        waitingForLog.removeAll(keepingCapacity: true)
        for pipe in pipes { pipe.readLines() }
    }
}
