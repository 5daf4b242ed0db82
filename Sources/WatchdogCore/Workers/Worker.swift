import CLinux
import Glibc

/// One process of the pool, which answers one request after the other.
final class Worker: EventHandler, TimerOwner, ChildOwner {
    private unowned let pool: WorkerPool
    private unowned let server: Server
    private var child: ChildProcess?
    private(set) var socket: Int32
    /// Who is being served.
    private(set) var call: WorkerCall?
    /// It has said that it is ready; it has been asked to end.
    private(set) var isReady = false
    private(set) var isEnding = false
    private(set) var canReceive = false
    var canSend = false
    /// Bytes of an answer nobody wants any more that are still to come; nil when none is.
    private var unwanted: Int?
    /// Received and not used yet.
    private(set) var response: Buffer?
    private lazy var execTimer = LoopTimer(owner: self)
    private lazy var endTimer = LoopTimer(owner: self)

    init(_ pool: WorkerPool, server: Server) throws(SystemError) {
        self.pool = pool
        self.server = server
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0, &ends) == 0 else { throw .last }
        // Ours alone: a worker expects reads and writes that block.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
        socket = ends[0]
        do {
            let launched = try server.launcher.launchResident(
                channel: ends[1], variables: ["FWATCHDOG_WORKER_FD=3"])
            if let process = launched.process {
                child = ChildProcess(process, launched, table: server.processes, owner: self, logsOutput: true)
            }
        } catch {
            close(ends[0])
            throw error
        }
        server.loop.watch(socket, for: [.readable, .writable, .peerClosed, .edgeTriggered], self)
    }

    var isIdle: Bool { isReady && !isEnding && call == nil && unwanted == nil }
    var isSending: Bool { call?.isSending ?? false }

    /// Serves a call; `exec_timeout` counts from here.
    func begin(_ call: WorkerCall) {
        self.call = call
        if let limit = server.configuration.execTimeout { server.loop.arm(execTimer, after: limit) }
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hungUp, .failed]) { canReceive = true }
        if !readiness.isDisjoint(with: [.writable, .hungUp, .failed]) { canSend = true }
        if let call { return call.workerMoved() }
        readByItself()
    }

    /// Receives behind what `response` holds.
    /// - Returns: whether something came; when the worker has closed its end it is asked to end altogether.
    func receive() -> Bool {
        guard canReceive, socket >= 0 else { return false }
        let buffer = response ?? server.pool.take()
        response = buffer
        if buffer.free < Limits.ownLine { buffer.compact() }
        switch buffer.fill(from: { Descriptors.receive(socket, into: $0) }) {
        case .moved:
            return true
        case .blocked:
            canReceive = false
            if buffer.isEmpty { releaseResponse() }
            return false
        case .ended, .failed:
            canReceive = false
            hungUp()
            return false
        }
    }

    /// What comes while nobody is served: that it is ready, or the rest of an unwanted answer.
    private func readByItself() {
        repeat {
            while let response, !response.isEmpty, takeUnasked(response) {}
        } while !isEnding && receive()
    }

    /// - Returns: whether any of it could be used.
    private func takeUnasked(_ response: Buffer) -> Bool {
        if let left = unwanted, left > 0 {
            let count = min(left, response.count)
            response.consume(count)
            unwanted = left - count
            if unwanted == 0 { becomeIdle() }
            return true
        }
        guard let lengths = WorkerFrames.lengths(response.readable) else { return false }
        if unwanted != nil, !lengths.saysReady {
            response.consume(WorkerFrames.prefix)
            let (sum, overflow) = lengths.head.addingReportingOverflow(lengths.body)
            unwanted = overflow ? .max : sum
            return true
        }
        guard !isReady, lengths.saysReady, response.count == WorkerFrames.prefix else {
            server.log.line("worker says what it was not asked for: process ended")
            end()
            return false
        }
        isReady = true
        response.consume(WorkerFrames.prefix)
        becomeIdle()
        return true
    }

    private func becomeIdle() {
        unwanted = nil
        server.loop.disarm(execTimer)
        if !isEnding { pool.becameIdle(self) }
    }

    private func releaseResponse() {
        if let response { server.pool.giveBack(response) }
        response = nil
    }

    /// The answer is complete.
    func callEnded() {
        call = nil
        guard response?.isEmpty ?? true else {
            server.log.line("worker says more than it was asked for: process ended")
            return end()
        }
        releaseResponse()
        becomeIdle()
    }

    /// The client has left. An answer that has not begun is waited for, as starting a process costs more.
    func callAbandoned(hasBegun: Bool) {
        call = nil
        if hasBegun { return end() }
        unwanted = 0
        readByItself()
    }

    /// Asks the process to end; a new one takes its place at once.
    func end() {
        child?.terminate()
        stop()
    }

    /// The worker has closed its end. Nearly always it is about to end by itself, and then how it does is of interest.
    private func hungUp() {
        stop()
        server.loop.arm(endTimer, after: Limits.workerEnd)
    }

    private func stop() {
        guard !isEnding else { return }
        isEnding = true
        server.loop.disarm(execTimer)
        pool.ending(self)
    }

    func timerFired(_ timer: LoopTimer) {
        if timer === endTimer {
            child?.terminate()
            return
        }
        guard let limit = server.configuration.execTimeout else { return }
        let text = "exec_timeout of \(GoDuration.text(limit)) exceeded"
        server.log.line("\(text): worker ended")
        let call = call
        self.call = nil
        end()
        call?.failed(.gatewayTimeout, text)
    }

    func childEnded(_ status: ExitStatus) {
        child = nil
        // What it has said before it ended counts.
        if let call {
            canReceive = true
            call.workerMoved()
        }
        server.log.line("worker has ended: \(status.text)")
        server.loop.closeDescriptor(socket)
        socket = -1
        server.loop.disarm(endTimer)
        let call = call
        self.call = nil
        releaseResponse()
        stop()
        call?.failed(.internalError, status.text, isFunctions: true)
    }
}
