import Glibc

/// The processes of worker mode, and the calls that wait for one of them. A process that ends is replaced: at once,
/// unless it has never been ready, and then after a pause that grows.
final class WorkerPool: TimerOwner {
    private unowned let server: Server
    private let count: Int
    private var workers: [Worker] = []
    private var waiting: [WorkerCall] = []
    private var restarts = RestartPause()
    private lazy var restartTimer = LoopTimer(owner: self)

    init(_ server: Server, count: Int) throws(SystemError) {
        self.server = server
        self.count = count
        for _ in 0..<count { workers.append(try Worker(self, server: server)) }
    }

    /// Whether requests are answered.
    var isReady: Bool { workers.contains { $0.isReady } }

    /// Has a call served, now or when its turn comes.
    func take(_ call: WorkerCall) {
        guard let worker = workers.first(where: { $0.isIdle }) else { return waiting.append(call) }
        call.begin(worker)
    }

    /// A call that has not begun is not wanted any more.
    func forget(_ call: WorkerCall) {
        waiting.removeAll { $0 === call }
    }

    func becameIdle(_ worker: Worker) {
        restarts.wasReady()
        guard !waiting.isEmpty else { return }
        waiting.removeFirst().begin(worker)
    }

    /// A worker serves no more, though its process may take a while to end.
    func ending(_ worker: Worker) {
        workers.removeAll { $0 === worker }
        restart(afterFailure: !worker.isReady)
        // Nobody is left who could become ready soon: who waits would wait in vain.
        guard !worker.isReady, workers.isEmpty else { return }
        let calls = waiting
        waiting = []
        for call in calls { call.failed(.internalError, "worker ended before it was ready: see the function's log") }
    }

    private func restart(afterFailure hasFailed: Bool) {
        guard server.mayStartWorkers else { return }
        if hasFailed {
            server.loop.arm(restartTimer, after: restarts.next())
        } else if !restartTimer.isArmed {
            // Not from within the call that the old one fails.
            server.loop.arm(restartTimer, after: .zero)
        }
    }

    func timerFired(_ timer: LoopTimer) {
        while workers.count < count, server.mayStartWorkers {
            do {
                workers.append(try Worker(self, server: server))
            } catch {
                let text = LaunchFailure.describe(error, command: server.configuration.command[0]).text
                server.log.line(text)
                return server.loop.arm(restartTimer, after: restarts.next())
            }
        }
    }
}

/// How long to wait before a process is started again that has never been ready: twice as long each time.
struct RestartPause {
    private var pause = Limits.restartPause

    mutating func next() -> TimeSpan {
        defer { pause = min(pause * 2, Limits.longestRestartPause) }
        return pause
    }

    mutating func wasReady() {
        pause = Limits.restartPause
    }
}
