import OpenFaaSAPI

/// One function: what it should be, and the replicas there are. A value, without I/O.
struct FunctionState: Sendable {
    /// What is to be done next to make the replicas agree with what is wanted.
    enum Step: Equatable, Sendable {
        /// Start one more replica of the accepted generation.
        case start
        /// Take these replicas out of use and remove them.
        case retire([String])
        /// Let these, which rest, serve again.
        case rise([String])
        /// Take these out of use and freeze them.
        case rest([String])
        /// Start the stopped containers of these.
        case revive([String])
        /// Take memory back from these, which are frozen.
        case reclaim([String])
        /// End the processes of these, which are frozen.
        case stop([String])
        /// Nothing now; look again at that time.
        case wait(until: ContinuousClock.Instant)
    }

    /// The accepted deployment; `nil` before the first is accepted and after the function was deleted.
    var accepted: FunctionRecord?
    var replicas: [String: Replica] = [:]
    var backoff = RestartBackoff()
    /// The time for which the next look at the function is arranged.
    var timer: ContinuousClock.Instant?
    /// How often replicas were taken to rest.
    var turns: UInt64 = 0
    /// How long it last took to serve again.
    var wakeTimes = WakeTimes()
    /// What happened last, the oldest first.
    private(set) var events: [FunctionEvent] = []
    /// Begun when a call came for a function at rest.
    var waking: Waking?

    /// Takes note of something for whoever asks why the function is as it is.
    mutating func note(_ text: String) {
        if events.count >= Self.keptEvents { events.removeFirst() }
        events.append(FunctionEvent(time: Timestamp.rfc3339(Timestamp.now), text: text))
    }

    /// As many as a screen has room for.
    private static let keptEvents = 20

    /// Whether nothing is left to remember.
    var isGone: Bool { accepted == nil && replicas.isEmpty }

    /// Decides the next step; `nil` when the function is as it should be.
    func nextStep(now: ContinuousClock.Instant, ladder: IdleLadder = IdleLadder()) -> Step? {
        let mine = replicas.values.filter(\.counts)
        guard let accepted else {
            return mine.isEmpty ? nil : .retire(mine.map(\.id).sorted())
        }
        let target = ReplicaTarget(of: accepted)
        let current = mine.filter { $0.generation == accepted.generation }
        let serving = current.count { $0.readyAddress != nil }
        // Calls may wait, so this comes before all that takes time.
        let risers = risers(target.ready - serving)
        if !risers.isEmpty { return .rise(risers) }
        if current.count > target.most { return .retire(surplus(of: current, over: target.most)) }
        let restable = restable
        if !restable.isEmpty { return .rest(restable) }
        // Replicas of an older generation serve until all the new ones do.
        if serving >= target.ready {
            let old = mine.filter { $0.generation != accepted.generation }
            if !old.isEmpty { return .retire(old.map(\.id).sorted()) }
        }
        let stopped = current.filter { $0.stoppedAddress != nil }.map(\.id).sorted()
        let missing = target.ready + target.reserve - (current.count - stopped.count)
        guard missing > 0 else { return ladderStep(ladder, target: target, now: now) }
        if !stopped.isEmpty { return .revive(Array(stopped.prefix(missing))) }
        if let retryAt = backoff.retryAt, !backoff.allowsStart(now: now) { return .wait(until: retryAt) }
        return .start
    }

    /// Those that serve go last, so that scaling down never takes a working replica before an unready one.
    private func surplus(of replicas: [Replica], over count: Int) -> [String] {
        replicas
            .sorted { ($0.worth, $0.id) < ($1.worth, $1.id) }
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
        if !hasSleeper, let retryAt = backoff.retryAt, backoff.failures > 2, retryAt > now {
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
