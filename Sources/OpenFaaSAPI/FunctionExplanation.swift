/// Why a function is ready, or not, and what to do: `GET /system/function/NAME/why`. An addition to OpenFaaS's contract.
public struct FunctionExplanation: Codable, Equatable, Sendable {
    /// The function's name.
    public var name: String
    /// The function's namespace.
    public var namespace: String
    /// A word for programs, such as `running`, `crash-loop` or `frozen`; clients must expect others.
    public var state: String
    /// Whether a call is answered: by a replica that serves, or by one that a call wakes.
    public var ready: Bool
    /// A sentence for people.
    public var reason: String
    /// What to do, a sentence each; empty when nothing is.
    public var advice: [String]
    /// Replicas that should run.
    public var replicas: UInt64
    /// Replicas that take calls.
    public var availableReplicas: UInt64
    /// Why replicas do not stay up, while that is so.
    public var failure: FunctionFailure?
    /// What happened last, the oldest first.
    public var events: [FunctionEvent]
    /// The last lines that its replicas wrote, the oldest first.
    public var lines: [LogMessage]

    /// Makes a value.
    public init(
        name: String, namespace: String, state: String, ready: Bool, reason: String, advice: [String],
        replicas: UInt64, availableReplicas: UInt64, failure: FunctionFailure?, events: [FunctionEvent],
        lines: [LogMessage]
    ) {
        self.name = name
        self.namespace = namespace
        self.state = state
        self.ready = ready
        self.reason = reason
        self.advice = advice
        self.replicas = replicas
        self.availableReplicas = availableReplicas
        self.failure = failure
        self.events = events
        self.lines = lines
    }
}
