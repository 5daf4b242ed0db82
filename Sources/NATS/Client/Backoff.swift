/// How long to wait before connecting again.
struct Backoff {
    let minimum: Duration
    let maximum: Duration
    private var failures = 0

    init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Doubles from one failure to the next up to the longest, and is up to a half shorter at random, so that clients
    /// that lost the same server do not come back together.
    ///
    /// - Parameter random: 0 to 1.
    mutating func next(random: Double) -> Duration {
        let doubled = (minimum / .milliseconds(1)) * Double(1 << min(failures, 20))
        failures += 1
        return .milliseconds(Int64(min(doubled, maximum / .milliseconds(1)) * (1 - 0.5 * random)))
    }

    mutating func succeeded() { failures = 0 }
}
