/// From serving to the end: what SIGTERM, time and idleness lead to.
struct Lifecycle {
    enum Phase: Equatable {
        case serving
        /// Health answers 503, all else is served as before.
        case pausing
        /// No new connections; calls in flight may end.
        case draining
        /// No calls any more; the function's processes have to end.
        case ending
        case over
    }

    enum Action: Equatable {
        case none
        /// Stay open for this long, then report `pauseElapsed`.
        case pause(TimeSpan)
        /// Stop listening; report `callsEnded`, or `drainElapsed` after this long (nil: no limit).
        case drain(limit: TimeSpan?)
        /// Ask the function's processes to end; report `processesEnded`.
        case endProcesses
        /// Leave with this exit status.
        case exit(Int32)
    }

    private(set) var phase = Phase.serving
    private let pause: TimeSpan?
    private let drainLimit: TimeSpan?

    /// - Parameters:
    ///   - pause: `healthcheck_interval`.
    ///   - drainLimit: `write_timeout`.
    init(pause: TimeSpan?, drainLimit: TimeSpan?) {
        self.pause = pause
        self.drainLimit = drainLimit
    }

    var isHealthy: Bool { phase == .serving }
    var isDraining: Bool { phase == .draining || phase == .ending || phase == .over }
    private var status: Int32 = 0

    /// SIGTERM or SIGINT; the second one ends everything at once.
    mutating func terminationRequested() -> Action {
        guard phase == .serving else {
            phase = .over
            return .exit(1)
        }
        guard let pause else { return drain() }
        phase = .pausing
        return .pause(pause)
    }

    mutating func pauseElapsed() -> Action {
        phase == .pausing ? drain() : .none
    }

    /// The function's only process has failed: who is being served gets an answer, and then it is over.
    mutating func functionFailed() -> Action {
        status = 1
        guard phase == .serving || phase == .pausing else { return .none }
        phase = .draining
        return .drain(limit: Limits.lastAnswers)
    }

    mutating func callsEnded() -> Action { finish() }

    mutating func drainElapsed() -> Action { finish() }

    /// None of the function's processes is left.
    mutating func processesEnded() -> Action {
        guard phase == .ending else { return .none }
        phase = .over
        return .exit(status)
    }

    private mutating func drain() -> Action {
        phase = .draining
        return .drain(limit: drainLimit)
    }

    private mutating func finish() -> Action {
        guard phase == .draining else { return .none }
        phase = .ending
        return .endProcesses
    }
}
