import OpenFaaSAPI

/// One function: what it should be, and the replicas there are. A value, without I/O.
struct FunctionState: Sendable {
    /// What is to be done next to make the replicas agree with what is wanted.
    enum Step: Equatable, Sendable {
        /// Start one more replica of the accepted generation.
        case start
        /// Take these replicas out of use and remove them.
        case retire([String])
        /// Nothing now; look again at that time.
        case wait(until: ContinuousClock.Instant)
    }

    /// The accepted deployment; `nil` before the first is accepted and after the function was deleted.
    var accepted: FunctionRecord?
    var replicas: [String: Replica] = [:]
    var backoff = RestartBackoff()
    /// The time for which a look at the function was last arranged.
    var timer: ContinuousClock.Instant?

    /// Whether nothing is left to remember.
    var isGone: Bool { accepted == nil && replicas.isEmpty }

    /// Decides the next step; `nil` when the function is as it should be.
    func nextStep(now: ContinuousClock.Instant) -> Step? {
        let mine = replicas.values.filter(\.counts)
        guard let accepted else {
            return mine.isEmpty ? nil : .retire(mine.map(\.id).sorted())
        }
        let current = mine.filter { $0.generation == accepted.generation }
        let serving = current.count { $0.readyAddress != nil }
        if current.count > accepted.replicas { return .retire(surplus(of: current, over: accepted.replicas)) }
        // Replicas of an older generation serve until all the new ones do.
        if serving >= accepted.replicas {
            let old = mine.filter { $0.generation != accepted.generation }
            return old.isEmpty ? nil : .retire(old.map(\.id).sorted())
        }
        guard current.count < accepted.replicas else { return nil }
        if let retryAt = backoff.retryAt, !backoff.allowsStart(now: now) { return .wait(until: retryAt) }
        return .start
    }

    /// Those that serve go last, so that scaling down never takes a working replica before an unready one.
    private func surplus(of replicas: [Replica], over count: Int) -> [String] {
        replicas
            .sorted { ($0.readyAddress != nil ? 1 : 0, $0.id) < ($1.readyAddress != nil ? 1 : 0, $1.id) }
            .prefix(replicas.count - count)
            .map(\.id)
    }

    /// What the gateway should know; `nil` when the function was not accepted.
    func snapshot(now: ContinuousClock.Instant) -> ReplicaSnapshot.Function? {
        guard let accepted, let availability = availability(now: now) else { return nil }
        return ReplicaSnapshot.Function(availability: availability, timeout: accepted.spec.callTimeout)
    }

    /// How the function can be called; `nil` when it was not accepted.
    func availability(now: ContinuousClock.Instant) -> ReplicaSnapshot.Availability? {
        guard accepted != nil else { return nil }
        let serving = callable
        if !serving.isEmpty {
            return .ready(serving.map { .init(id: $0.id, address: $0.address, port: functionPort, socket: $0.socket) })
        }
        // A caller waits for a replica that is about to come, not for one in a crash loop.
        if let retryAt = backoff.retryAt, backoff.failures > 2, retryAt > now {
            return .unavailable(reason: "\(backoff.reason); it is started again within a minute")
        }
        return .starting
    }

    /// The replicas that take calls: those of the newest accepted generation that has any ready.
    var callable: [(id: String, address: String, socket: String?)] {
        guard let accepted else { return [] }
        let serving = replicas.values.filter { $0.readyAddress != nil && $0.generation <= accepted.generation }
        guard let newest = serving.map(\.generation).max() else { return [] }
        return
            serving
            .filter { $0.generation == newest }
            .compactMap { replica in replica.readyAddress.map { (replica.id, $0, replica.socket) } }
            .sorted { $0.id < $1.id }
    }
}

/// The TCP port that every function serves inside its network namespace (docs "watchdog").
let functionPort = 8080
