import OpenFaaSAPI

/// How long to wait before a function's next replica is started, after replicas that ended by themselves.
///
/// The first restart is immediate, then 1 s, 2 s, 4 s … up to a minute. A replica that served for a while
/// clears the record, so that a rare crash costs no waiting.
struct RestartBackoff: Sendable, Equatable {
    /// A replica that served this long has not crashed at its start.
    static let settledAfter = Duration.seconds(10)
    static let longestWait = Duration.seconds(60)

    private(set) var failures = 0
    private(set) var retryAt: ContinuousClock.Instant?
    /// Why the last replica ended, a sentence.
    private(set) var reason = ""
    private(set) var cause: FunctionFailure.Cause?
    private(set) var exitCode: Int?

    /// Takes note of a replica's end.
    ///
    /// - Parameters:
    ///   - served: how long it served calls; zero when it never did.
    ///   - reason: why it ended, a sentence.
    ///   - cause: the kind of its end, where it is known.
    ///   - exitCode: 128 + N for signal N.
    mutating func replicaEnded(
        served: Duration, reason: String, cause: FunctionFailure.Cause? = nil, exitCode: Int? = nil,
        now: ContinuousClock.Instant
    ) {
        if served >= Self.settledAfter { failures = 0 }
        self.cause = cause
        self.exitCode = exitCode
        self.reason = reason
        retryAt = failures == 0 ? now : now + Self.wait(afterFailures: failures)
        failures += 1
    }

    /// Whether a replica may be started now.
    func allowsStart(now: ContinuousClock.Instant) -> Bool { retryAt.map { $0 <= now } ?? true }

    static func wait(afterFailures failures: Int) -> Duration {
        // The shift is bounded before it is made, so that a long crash loop cannot overflow it.
        min(longestWait, .seconds(1 << min(failures - 1, 6)))
    }
}
