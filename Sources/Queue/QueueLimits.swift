/// How much a queue keeps, and for how long.
public struct QueueLimits: Sendable {
    /// The most calls that wait, run, or whose callback is still to be taken; more are refused.
    public var calls = 100_000
    /// The most bytes of their requests, and of answers that are still to be told; more are refused.
    public var bytes = 1 << 30
    /// For how long a finished call is known.
    public var retention = Duration.seconds(3600)
    /// The most finished calls that are known; the oldest go first.
    public var finishedCalls = 100_000
    /// For how long a dead letter is kept.
    public var deadRetention = Duration.seconds(7 * 24 * 3600)
    /// The most dead letters; the oldest go first.
    public var deadCalls = 10_000
    /// The most bytes of their requests; the oldest go first.
    public var deadBytes = 256 << 20
    /// The most bytes of calls whose writing is waited for at one moment; more are refused.
    public var unwrittenBytes = 64 << 20

    /// The defaults above.
    public init() {}
}
