public import OpenFaaSAPI

/// What came of sending a call once.
public enum SendOutcome: Sendable, Equatable {
    /// There is an answer.
    case answered(CallAnswer)
    /// There is none; it may be otherwise next time.
    case failed(String)
    /// The function is not there any more.
    case functionGone(String)
    /// Nothing was decided, because whoever sends is ending: the attempt does not count.
    case interrupted
}

/// Decides whether a call is sent again, and when.
public struct RetryPolicy: Sendable {
    /// What follows from an outcome.
    public enum Decision: Sendable, Equatable {
        /// The call is done.
        case succeed
        /// It is sent again after so long.
        case retry(after: Duration, reason: String)
        /// It becomes a dead letter.
        case die(reason: String)
        /// It waits on as if it had not been sent.
        case release
    }

    /// `Retry-After` is obeyed up to this.
    static let longestRetryAfter = Duration.seconds(3600)

    private let settings: AsyncSettings

    /// Makes a policy of what the function says.
    public init(_ settings: AsyncSettings) {
        self.settings = settings
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - attempt: how often the call was sent, this time included.
    ///   - now: seconds since 1970, for a `Retry-After` that is a date.
    ///   - random: 0 to 1.
    public func decide(_ outcome: SendOutcome, attempt: Int, now: Int64, random: Double) -> Decision {
        switch outcome {
        case .interrupted:
            return .release
        case .functionGone(let reason):
            return .die(reason: reason)
        case .failed(let reason):
            return again(attempt, reason, random: random)
        case .answered(let answer) where answer.status < 400:
            return .succeed
        case .answered(let answer):
            let reason = "\(answer.isInternal ? "the gateway" : "the function") answered \(answer.status)"
            // The platform's own failures are always worth another attempt (docs "retries").
            guard answer.isInternal || settings.codes.contains(answer.status) else { return .die(reason: reason) }
            return again(attempt, reason, random: random, asked: Self.retryAfter(answer, now: now))
        }
    }

    private func again(_ attempt: Int, _ reason: String, random: Double, asked: Duration? = nil) -> Decision {
        guard attempt < settings.attempts else {
            return .die(reason: attempt > 1 ? "\(reason); it was sent \(attempt) times" : reason)
        }
        if let asked { return .retry(after: max(asked, settings.minimumWait), reason: reason) }
        return .retry(after: wait(afterAttempt: attempt, random: random), reason: reason)
    }

    /// Doubles from attempt to attempt up to the longest wait, and is up to a quarter longer at random, so that calls
    /// that failed together do not come again together.
    func wait(afterAttempt attempt: Int, random: Double) -> Duration {
        let minimum = settings.minimumWait / .seconds(1)
        let maximum = settings.maximumWait / .seconds(1)
        // Beyond this the power is longer than any wait.
        let doubled = minimum * Double(1 << min(attempt - 1, 30))
        return .seconds(min(doubled, max(maximum, minimum)) * (1 + 0.25 * random))
    }

    /// What the function asked for with 429 or 503, as seconds or as a date (docs "retries").
    static func retryAfter(_ answer: CallAnswer, now: Int64) -> Duration? {
        guard answer.status == 429 || answer.status == 503,
            let text = answer.headers.last(where: { $0.name.lowercased() == "retry-after" })?.value
        else { return nil }
        let seconds = Int64(text) ?? HTTPDate.seconds(text).map { $0 - now }
        return seconds.map { min(.seconds(max(0, $0)), longestRetryAfter) }
    }
}
