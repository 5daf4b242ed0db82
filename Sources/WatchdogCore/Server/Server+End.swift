import CLinux

/// Signals, and from the first of them to the end.
extension Server {
    func childrenEnded() {
        processes.reap()
        if lifecycle.phase == .ending, processes.isEmpty { perform(lifecycle.processesEnded()) }
    }

    /// The process that serves all requests has ended. One that ends well may have left a server behind it.
    func functionEnded(_ status: ExitStatus) {
        guard lifecycle.phase != .ending, lifecycle.phase != .over else { return }
        log.line("Forked function has terminated: \(status.text)")
        if !status.isSuccess { perform(lifecycle.functionFailed()) }
    }

    func terminationRequested() {
        let action = lifecycle.terminationRequested()
        if case .exit = action {
            log.line("second signal: leaving at once")
        } else {
            let pause = configuration.healthcheckInterval.map(GoDuration.text) ?? "0s"
            log.line("SIGTERM: no new connections in \(pause)")
            lockFile?.remove()
        }
        perform(action)
    }

    func timerFired(_ timer: LoopTimer) {
        if timer === quietTimer { return linux_forget_unused() }
        if timer === crowdTimer { return acceptAgain() }
        switch lifecycle.phase {
        case .pausing:
            perform(lifecycle.pauseElapsed())
        case .ending:
            processes.killAll()
            perform(lifecycle.processesEnded())
        case .serving, .draining, .over:
            perform(lifecycle.drainElapsed())
        }
    }

    private func perform(_ action: Lifecycle.Action) {
        switch action {
        case .none:
            break
        case .pause(let span):
            loop.arm(timer, after: span)
        case .drain(let limit):
            log.line("No new connections allowed, draining: \(inflight) requests")
            for listener in listeners { listener.stop() }
            listeners = []
            for connection in connections.values where connection.isIdle { connection.close() }
            if let limit { loop.arm(timer, after: limit) }
            endIfIdle()
        case .endProcesses:
            log.line("Exiting. Active connections: \(connections.count)")
            processes.terminateAll()
            loop.arm(timer, after: Limits.lastProcesses)
            if processes.isEmpty { perform(lifecycle.processesEnded()) }
        case .exit(let status):
            processes.killAll()
            for listener in listeners { listener.stop() }
            listeners = []
            exitStatus = status
        }
    }

    func endIfIdle() {
        guard lifecycle.phase == .draining, inflight == 0, connections.isEmpty else { return }
        perform(lifecycle.callsEnded())
    }
}
