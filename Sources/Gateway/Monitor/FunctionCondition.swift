import OpenFaaSAPI

/// How a function does, in a word for programs and a sentence for people.
struct FunctionCondition: Sendable, Equatable {
    /// The word; clients must expect others.
    enum State: String, Sendable {
        /// All replicas that should run take calls.
        case running
        /// Some do, some do not.
        case degraded
        /// None does yet; nothing has gone wrong.
        case starting
        /// Replicas end by themselves, again and again.
        case crashLoop = "crash-loop"
        /// The last replica ended by itself; the next is on its way.
        case failing
        /// It has no replica, because somebody wanted so; a call starts one.
        case stopped
        /// Its replicas are frozen; a call goes on with them.
        case frozen
    }

    /// Replicas that go on where they were.
    private static let frozen: Set<FunctionInstance.State> = [.frozen, .reclaimed]

    let state: State
    /// A sentence, lower case and without a full stop at its end.
    let reason: String

    /// Explains a status. Replicas are looked at when the status names them.
    init(_ status: FunctionStatus) {
        let (ready, wanted) = (status.availableReplicas, status.replicas)
        if let failure = status.failure, ready < max(wanted, 1) {
            self.init(failure, ready: ready, wanted: wanted)
        } else if let instances = status.instances, !instances.isEmpty,
            instances.allSatisfy({ Self.frozen.contains($0.state) })
        {
            self.init(.frozen, "frozen while nobody calls; the next call goes on where it was")
        } else if wanted == 0 {
            self.init(.stopped, "scaled to zero; the next call starts a replica and waits for it")
        } else if ready == 0 {
            self.init(.starting, "no replica takes calls yet; calls wait for the first")
        } else if ready < wanted {
            self.init(.degraded, "\(ready) of \(wanted) replicas take calls; the others are being made")
        } else {
            self.init(.running, wanted == 1 ? "its replica takes calls" : "\(ready) replicas take calls")
        }
    }

    private init(_ state: State, _ reason: String) {
        self.state = state
        self.reason = reason
    }

    private init(_ failure: FunctionFailure, ready: UInt64, wanted: UInt64) {
        let next = failure.retryAt.map { "the next is started at \($0)" } ?? "the next is being started"
        let serving = ready > 0 ? "\(ready) of \(wanted) replicas take calls; " : ""
        let ended = failure.count == 1 ? "the last replica ended" : "\(failure.count) replicas in a row ended"
        self.init(failure.count > 1 ? .crashLoop : .failing, "\(serving)\(ended): \(failure.reason); \(next)")
    }
}
