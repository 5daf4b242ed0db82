import OpenFaaSAPI

/// A function that is being woken.
struct Waking: Sendable, Equatable {
    /// When the first call came.
    let began: ContinuousClock.Instant
    /// How it rested.
    let from: RestStage
}

/// How deeply a replica rests.
enum RestStage: Sendable, Equatable {
    case frozen
    case reclaimed
    case stopped
}

/// Waking, and how long it took.
extension FunctionState {
    /// A call has come: a function at zero is wanted again, with as many replicas as it has when awake.
    ///
    /// - Returns: whether it was at zero; then the number is to be kept.
    mutating func wake(called: ContinuousClock.Instant) -> Bool {
        guard let accepted, accepted.replicas == 0 else { return false }
        self.accepted?.replicas = accepted.spec.scaling.minimum
        self.accepted?.updatedAt = Timestamp.now
        let best = current.filter { !$0.hasEnded }.max { $0.worth < $1.worth }
        waking = best?.restStage.map { Waking(began: called, from: $0) }
        return true
    }

    /// Calls go to the function again.
    mutating func woke(now: ContinuousClock.Instant) {
        guard let waking else { return }
        let seconds = waking.began.duration(to: now) / .seconds(1)
        switch waking.from {
        case .frozen: wakeTimes.frozen = seconds
        case .reclaimed: wakeTimes.reclaimed = seconds
        case .stopped: wakeTimes.stopped = seconds
        }
        self.waking = nil
    }
}

extension Replica {
    /// Orders replicas by what would be lost with them.
    var worth: Int {
        switch state {
        case .retiring: 0
        case .halting, .stopped: 1
        case .unclaimed, .creating, .starting: 2
        case .frozen: isReclaimed ? 3 : 4
        case .resting: 5
        case .ready: hasEnded ? 0 : 6
        }
    }

    /// How deeply it rests; `nil` for one that does not, or only begins to.
    var restStage: RestStage? {
        switch state {
        case .frozen: isReclaimed ? .reclaimed : .frozen
        case .halting, .stopped: .stopped
        case .unclaimed, .creating, .starting, .ready, .resting, .retiring: nil
        }
    }
}
