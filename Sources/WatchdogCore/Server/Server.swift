import CLinux
import Glibc

/// The serving watchdog: one loop, its listeners, connections and calls.
final class Server: ConnectionAcceptor, SignalHandler, TimerOwner {
    let configuration: WatchdogConfiguration
    let loop: EventLoop
    let log: LogSink
    private let outputLog: LogSink
    let pool = BufferPool()
    let spools: SpoolStore
    let processes: ProcessTable
    let launcher: Launcher
    let metrics = RequestMetrics()
    /// The process of a function that serves HTTP by itself, and the connections to it.
    var resident: ResidentFunction?
    var upstream: UpstreamPool?
    /// The folder of static mode, and the processes of worker mode.
    var files: StaticFiles?
    var workers: WorkerPool?
    /// For composing heads; its content lasts until the next use.
    let scratch = Buffer(capacity: Limits.ownLine)
    let admission: Admission
    let lockFile: LockFile?
    private let connectionLimit: Int
    var lifecycle: Lifecycle
    private var signals: Signals?
    var listeners: [Listener] = []
    var connections: [Int32: Connection] = [:]
    var inflight = 0 {
        didSet { loop.awaited = BusyPoll.Awaited(calls: inflight) }
    }
    var exitStatus: Int32?
    private var crowdedUntil = Instant(nanoseconds: 0)
    lazy var timer = LoopTimer(owner: self)
    lazy var quietTimer = LoopTimer(owner: self)
    /// When clients wait for a place: an idle connection may have become one that can be closed.
    lazy var crowdTimer = LoopTimer(owner: self)

    init(_ configuration: WatchdogConfiguration, environment: ChildEnvironment.Block?) throws {
        self.configuration = configuration
        loop = try EventLoop(busyPoll: configuration.busyPoll)
        log = LogSink(loop: loop, descriptor: STDERR_FILENO, longestLine: configuration.logBufferSize)
        let output = LogSink(loop: loop, descriptor: STDOUT_FILENO, longestLine: configuration.logBufferSize)
        outputLog = output
        spools = SpoolStore(pool: pool, folder: configuration.temporaryFolder)
        launcher = try Launcher(configuration, environment: ChildEnvironment(inheriting: environment))
        processes = ProcessTable(
            loop: loop, logs: (log, output), pool: pool, configuration: configuration)
        admission = Admission(maxInflight: configuration.maxInflight, readyPath: configuration.readyPath)
        lockFile = configuration.suppressLock ? nil : LockFile(path: configuration.lockPath)
        lifecycle = Lifecycle(pause: configuration.healthcheckInterval, drainLimit: configuration.writeTimeout)
        connectionLimit = Self.connectionLimit()
    }

    /// Serves until a signal ends it.
    /// - Returns: the exit status.
    func run() throws -> Int32 {
        signals = try Signals(loop: loop, handler: self)
        try startFunction()
        let port = try Listener(port: configuration.port, role: .function, loop: loop, acceptor: self)
        listeners.append(port)
        listenOnUnixSocket()
        listenForMetrics()
        announce(port: port.port)
        log.flush()
        linux_forget_unused()
        while true {
            if let exitStatus {
                release()
                return exitStatus
            }
            loop.turn()
        }
    }

    /// Lets go of what is still under way: it is held by what it holds.
    private func release() {
        for connection in connections.values { connection.close() }
        processes.release()
        outputLog.finish()
        log.finish()
        loop.release()
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

    /// Without metrics a function serves as well, so a port that is taken is no reason to stop.
    private func listenForMetrics() {
        guard let number = configuration.metricsPort else { return }
        guard !(configuration.upstream?.uses(port: number) ?? false) else {
            return log.line("port \(number) is the function's: no metrics")
        }
        do {
            let listener = try Listener(port: number, role: .metrics, loop: loop, acceptor: self)
            listeners.append(listener)
            log.line("Metrics listening on port: \(listener.port)")
        } catch {
            log.line("\((error as? WatchdogError)?.text ?? "\(error)"): no metrics")
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

    /// At the limit answers close their connections for a while, so that who waits in the kernel's queue gets a turn.
    /// Clients that keep connections in reserve cannot lock others out: one that was idle for long is closed. One that was
    /// not may be about to be used, and a request on it would be lost.
    var hasRoom: Bool {
        if connections.count < connectionLimit { return true }
        crowdedUntil = loop.now + Limits.crowdedTime
        connections.values
            .filter { $0.isIdle && loop.now - $0.idleSince >= Limits.crowdedIdle && !$0.hasUnread }
            .min { $0.idleSince < $1.idleSince }?.close()
        if connections.count < connectionLimit { return true }
        loop.arm(crowdTimer, after: Limits.crowdedLook)
        return false
    }

    /// Whether clients had to wait for a place a moment ago.
    var isCrowded: Bool { loop.now < crowdedUntil }

    var isDraining: Bool { lifecycle.isDraining }

    var readTimeoutText: String { Self.limitText("read_timeout", configuration.readTimeout) }
    var writeTimeoutText: String { Self.limitText("write_timeout", configuration.writeTimeout) }

    private static func limitText(_ name: String, _ limit: TimeSpan?) -> String {
        "\(name) of \(limit.map(GoDuration.text) ?? "none") exceeded"
    }

    func accepted(_ descriptor: Int32, role: Listener.Role) {
        let connection = Connection(descriptor, role: role, server: self)
        connections[descriptor] = connection
    }

    func closed(_ connection: Connection) {
        connections[connection.descriptor] = nil
        acceptAgain()
        endIfIdle()
    }

    func acceptAgain() {
        if !isDraining { for listener in listeners { listener.resume() } }
    }
}
