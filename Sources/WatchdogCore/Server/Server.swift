import Glibc

/// The serving watchdog: one loop, its listeners, connections and calls.
final class Server: ConnectionAcceptor, SignalHandler, TimerOwner {
    let configuration: WatchdogConfiguration
    let loop: EventLoop
    let log: LogSink
    let pool = BufferPool()
    let processes: ProcessTable
    let launcher: Launcher
    /// For composing heads; its content lasts until the next use.
    let scratch = Buffer(capacity: Limits.ownLine)
    private let admission: Admission
    private let lockFile: LockFile?
    private let connectionLimit: Int
    private var lifecycle: Lifecycle
    private var signals: Signals?
    private var listeners: [Listener] = []
    private var connections: [Int32: Connection] = [:]
    private var inflight = 0
    private var exitStatus: Int32?
    private var idleCount: UInt64 = 0
    private lazy var timer = LoopTimer(owner: self)

    init(_ configuration: WatchdogConfiguration, environment: ChildEnvironment.Block?) throws {
        self.configuration = configuration
        loop = try EventLoop()
        log = LogSink(loop: loop, descriptor: STDERR_FILENO, longestLine: configuration.logBufferSize)
        processes = ProcessTable(loop: loop, log: log, pool: pool, configuration: configuration)
        launcher = try Launcher(configuration, environment: ChildEnvironment(inheriting: environment))
        admission = Admission(maxInflight: configuration.maxInflight, readyPath: configuration.readyPath)
        lockFile = configuration.suppressLock ? nil : LockFile(path: configuration.lockPath)
        lifecycle = Lifecycle(pause: configuration.healthcheckInterval, drainLimit: configuration.writeTimeout)
        connectionLimit = Self.connectionLimit()
    }

    /// Serves until a signal ends it.
    /// - Returns: the exit status.
    func run() throws -> Int32 {
        signals = try Signals(loop: loop, handler: self)
        let port = try Listener(port: configuration.port, loop: loop, acceptor: self)
        listeners.append(port)
        listenOnUnixSocket()
        announce(port: port.port)
        while true {
            if let exitStatus {
                log.finish()
                return exitStatus
            }
            log.flush()
            loop.turn()
        }
    }

    private func listenOnUnixSocket() {
        guard let path = configuration.unixSocket else { return }
        do {
            listeners.append(try Listener(unixPath: path, loop: loop, acceptor: self))
            log.line("Listening on \(path)")
        } catch {
            log.line("\((error as? WatchdogError)?.text ?? "\(error)"), the port alone is served")
        }
    }

    private func announce(port: UInt16) {
        log.line("Version: \(Watchdog.version)")
        for warning in configuration.warnings { log.line(warning) }
        let command = configuration.command.joined(separator: " ")
        log.line("Watchdog mode: \(configuration.mode.rawValue) fprocess: \"\(command)\"")
        let times = [
            ("read", configuration.readTimeout), ("write", configuration.writeTimeout),
            ("hard", configuration.execTimeout), ("health", configuration.healthcheckInterval),
        ].map { "\($0.0): \($0.1.map(GoDuration.text) ?? "none")" }
        log.line("Timeouts: \(times.joined(separator: ", "))")
        log.line("Listening on port: \(port)")
        guard let lockFile else { return }
        log.line("Writing lock-file to: \(lockFile.path)")
        if let error = lockFile.write() {
            log.line("cannot write the lock file: \(error.text), going on without: /_/health does not need it")
        }
    }

    /// As many connections as the descriptors allow when each has a call.
    private static func connectionLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return Limits.connections }
        let descriptors = Int(clamping: limit.rlim_cur) - Limits.reservedDescriptors
        return max(1, min(Limits.connections, descriptors / Limits.descriptorsPerCall))
    }

    // MARK: - Connections

    /// At the limit the connection that has been idle for longest is closed for a new one: a client that keeps
    /// connections in reserve cannot lock others out.
    var hasRoom: Bool {
        if connections.count < connectionLimit { return true }
        connections.values.filter(\.isIdle).min { $0.idleSince < $1.idleSince }?.close()
        return connections.count < connectionLimit
    }

    var isDraining: Bool { lifecycle.isDraining }

    var readTimeoutText: String { Self.limitText("read_timeout", configuration.readTimeout) }
    var writeTimeoutText: String { Self.limitText("write_timeout", configuration.writeTimeout) }

    private static func limitText(_ name: String, _ limit: Duration?) -> String {
        "\(name) of \(limit.map(GoDuration.text) ?? "none") exceeded"
    }

    /// A number for a connection that becomes idle; later ones are larger.
    func nextIdleNumber() -> UInt64 {
        idleCount += 1
        return idleCount
    }

    func accepted(_ descriptor: Int32) {
        let connection = Connection(descriptor, server: self)
        connections[descriptor] = connection
    }

    func closed(_ connection: Connection) {
        connections[connection.descriptor] = nil
        if !isDraining { for listener in listeners { listener.resume() } }
        endIfIdle()
    }

    // MARK: - Calls

    func decide(method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) -> Admission.Decision {
        admission.decide(method: method, path: path, isHealthy: lifecycle.isHealthy, inflight: inflight)
    }

    func callBegan() {
        inflight += 1
    }

    func callEnded() {
        inflight -= 1
        endIfIdle()
    }

    // MARK: - Signals and the end

    func childrenEnded() {
        processes.reap()
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
        perform(lifecycle.phase == .pausing ? lifecycle.pauseElapsed() : lifecycle.drainElapsed())
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
        case .exit(let status):
            log.line("Exiting. Active connections: \(connections.count)")
            processes.killAll()
            for listener in listeners { listener.stop() }
            listeners = []
            exitStatus = status
        }
    }

    private func endIfIdle() {
        guard lifecycle.phase == .draining, inflight == 0, connections.isEmpty else { return }
        perform(lifecycle.callsEnded())
    }
}
