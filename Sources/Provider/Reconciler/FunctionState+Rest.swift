import Containers
import OpenFaaSAPI

/// How many replicas of a deployment there should be.
struct ReplicaTarget: Sendable, Equatable {
    /// How many should serve.
    let ready: Int
    /// How many should wait frozen besides.
    let reserve: Int
    /// The most there may be. At zero those that served rest, as many as serve after the next call.
    let most: Int

    init(of function: FunctionRecord) {
        let scaling = function.spec.scaling
        ready = function.replicas
        let awake = ready > 0 ? ready : scaling.minimum
        reserve = max(0, min(scaling.warm, scaling.maximum - awake))
        most = awake + reserve
    }
}

/// Resting and rising. Each of these is one step of the actor's, so that a call finds a function in one state or the
/// other, never between.
extension FunctionState {
    /// The replicas that serve beyond the number wanted, the newest first: they have served least, or not at all.
    var restable: [String] {
        guard let accepted else { return [] }
        let serving = current.compactMap { replica -> (id: String, since: ContinuousClock.Instant)? in
            if case .ready(let serving) = replica.state, !replica.hasEnded { (replica.id, serving.since) } else { nil }
        }
        return
            serving.sorted { ($0.since, $0.id) > ($1.since, $1.id) }
            .prefix(max(0, serving.count - ReplicaTarget(of: accepted).ready)).map(\.id).sorted()
    }

    /// So many replicas that can serve at once, those first that need least for it.
    func risers(_ count: Int) -> [String] {
        current.filter(\.isAtRest).sorted { ($1.worth, $0.id) < ($0.worth, $1.id) }
            .prefix(max(0, count)).map(\.id).sorted()
    }

    /// Whether a call can be answered as soon as somebody asks for it.
    var hasSleeper: Bool { current.contains(where: \.isAtRest) }

    /// What a call can go on with by itself: at zero, the replicas that it would wake, once all of them are frozen.
    var listable: [Sleepers.Sleeper]? {
        guard let accepted, accepted.replicas == 0, callable.isEmpty else { return nil }
        let sleepers = risers(accepted.spec.scaling.minimum).compactMap { id -> Sleepers.Sleeper? in
            guard let replica = replicas[id], case .frozen(let serving, _) = replica.state else { return nil }
            let endpoint = ReplicaSnapshot.Endpoint(
                id: id, address: serving.address, port: functionPort, socket: replica.socket)
            return Sleepers.Sleeper(endpoint: endpoint, pid: serving.pid, cgroup: replica.cgroup)
        }
        return sleepers.isEmpty || sleepers.count < risers(accepted.spec.scaling.minimum).count ? nil : sleepers
    }

    var current: [Replica] {
        replicas.values.filter { $0.generation == accepted?.generation }
    }

    /// A replica is seen to serve for the first time. When enough do, it is a reserve, and no call shall reach it.
    ///
    /// - Returns: the turn of a reserve, which goes to rest at once. At zero it does not: calls may have waited for it.
    mutating func becameReady(_ id: String, now: ContinuousClock.Instant) -> UInt64? {
        guard case .starting(let address, let pid) = replicas[id]?.state else { return nil }
        replicas[id]?.state = .ready(.init(address: address, pid: pid, since: now))
        guard accepted?.replicas != 0, restable.contains(id) else { return nil }
        return beginRest([id]).first?.turn
    }

    /// Takes replicas out of use.
    ///
    /// - Returns: each with its turn, to be given to ``froze(_:turn:by:now:)``.
    mutating func beginRest(_ ids: [String]) -> [(id: String, turn: UInt64)] {
        ids.compactMap { id in
            guard case .ready(let serving) = replicas[id]?.state else { return nil }
            turns += 1
            replicas[id]?.state = .resting(serving, turn: turns)
            return (id, turns)
        }
    }

    /// The process of a replica that still goes to rest; `nil` when it was called back meanwhile.
    func resting(_ id: String, turn: UInt64) -> Int32? {
        guard let replica = replicas[id], case .resting(let serving, turn) = replica.state, !replica.hasEnded
        else { return nil }
        return serving.pid
    }

    /// A replica that went to rest is frozen.
    mutating func froze(_ id: String, turn: UInt64, by cgroup: Cgroup?, now: ContinuousClock.Instant) {
        guard case .resting(let serving, turn) = replicas[id]?.state else { return }
        replicas[id]?.state = .frozen(serving, at: now)
        replicas[id]?.cgroup = cgroup
    }

    /// Replicas serve again.
    ///
    /// - Returns: those to be thawed, each with its control group.
    mutating func rise(_ ids: [String]) -> [(id: String, cgroup: Cgroup)] {
        ids.compactMap { id in
            guard let replica = replicas[id], replica.isAtRest, let serving = replica.serving else { return nil }
            replicas[id]?.state = .ready(serving)
            replicas[id]?.cgroup = nil
            replicas[id]?.isReclaimed = false
            return replica.cgroup.map { (id, $0) }
        }
    }
}
