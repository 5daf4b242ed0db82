import Containers
import OpenFaaSAPI

/// How long a function rests on each step before it goes to the next; `nil` for a step that is left out.
struct IdleLadder: Sendable, Equatable {
    /// From frozen to frozen with its memory taken back.
    var reclaimAfter: Duration?
    /// From frozen to stopped, unless the function's own label says otherwise.
    var stopAfter: Duration?
}

/// The steps below frozen.
extension FunctionState {
    /// What is due for those that are frozen; the reserves, the last to be frozen, stay as they are.
    func ladderStep(_ ladder: IdleLadder, target: ReplicaTarget, now: ContinuousClock.Instant) -> Step? {
        var stopAfter = accepted?.spec.scaling.stopDuration ?? ladder.stopAfter
        if stopAfter == .zero { stopAfter = nil }
        var (stop, reclaim): ([String], [String]) = ([], [])
        var next: ContinuousClock.Instant?
        for (replica, since) in sleepers.dropLast(target.reserve) {
            let stopAt = stopAfter.map { since + $0 }
            let canReclaim = !replica.isReclaimed && replica.cgroup != nil
            let reclaimAt = canReclaim ? ladder.reclaimAfter.map { since + $0 } : nil
            if let stopAt, stopAt <= now {
                stop.append(replica.id)
            } else if let reclaimAt, reclaimAt <= now {
                reclaim.append(replica.id)
            } else {
                next = [next, stopAt, reclaimAt].compactMap(\.self).min()
            }
        }
        if !stop.isEmpty { return .stop(stop.sorted()) }
        if !reclaim.isEmpty { return .reclaim(reclaim.sorted()) }
        return next.map { .wait(until: $0) }
    }

    /// The frozen replicas, each with the time since when; the longest frozen come first.
    private var sleepers: [(replica: Replica, since: ContinuousClock.Instant)] {
        current.compactMap { replica in
            guard case .frozen(_, let since) = replica.state, !replica.hasEnded else { return nil }
            return (replica, since)
        }.sorted { ($0.since, $0.replica.id) < ($1.since, $1.replica.id) }
    }

    /// The memory of frozen replicas is about to be taken back.
    ///
    /// - Returns: the control group of each.
    mutating func beginReclaim(_ ids: [String]) -> [(id: String, cgroup: Cgroup)] {
        ids.compactMap { id in
            guard case .frozen = replicas[id]?.state, let cgroup = replicas[id]?.cgroup else { return nil }
            replicas[id]?.isReclaimed = true
            return (id, cgroup)
        }
    }

    /// The processes of frozen replicas are about to be ended.
    mutating func beginStop(_ ids: [String]) {
        for id in ids {
            guard case .frozen(let serving, _) = replicas[id]?.state else { continue }
            replicas[id]?.state = .halting(address: serving.address)
            replicas[id]?.cgroup = nil
            replicas[id]?.isReclaimed = false
            replicas[id]?.socket = nil
        }
    }

    /// Stopped containers are about to be started.
    ///
    /// - Returns: those that are, each with its address.
    mutating func beginRevival(_ ids: [String]) -> [(record: ReplicaRecord, address: String)] {
        ids.compactMap { id in
            guard let record = replicas[id]?.record, case .stopped(let address) = replicas[id]?.state else {
                return nil
            }
            replicas[id]?.state = .creating
            return (record, address)
        }
    }
}
