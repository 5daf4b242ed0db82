import Containers
import OpenFaaSAPI

/// A replica as the provider knows it while it exists.
struct Replica: Sendable, Equatable {
    /// What is known of a replica that has served, and can again.
    struct Serving: Sendable, Equatable {
        let address: String
        let pid: Int32
        /// When it was first seen to serve.
        let since: ContinuousClock.Instant
    }

    /// The life of a replica; each state holds what is known in it.
    enum State: Sendable, Equatable {
        /// It was begun by an earlier run of the daemon and has not been looked for yet.
        case unclaimed
        /// Its parts are being made.
        case creating
        /// Its process runs and does not serve yet.
        case starting(address: String, pid: Int32)
        /// It serves.
        case ready(Serving)
        /// It takes no new call; when those under way have ended, it is frozen. The turn tells one such attempt from the
        /// next, which may begin while the first still waits.
        case resting(Serving, turn: UInt64)
        /// Its processes are stopped where they are, since the time given.
        case frozen(Serving, at: ContinuousClock.Instant)
        /// Its process is being ended; the container stays.
        case halting(address: String)
        /// Its container is there without a process, and can be started.
        case stopped(address: String)
        /// It is on its way out: no new call goes to it.
        case retiring
    }

    var record: ReplicaRecord
    var state: State
    /// Its watchdog's Unix socket, where it has one.
    var socket: String?
    /// By which it was frozen; `nil` for one that is not, or could not be.
    var cgroup: Cgroup?
    /// Whether its process is known to have ended. It takes no calls from then on; the rest is done in the lane.
    var hasEnded = false
    /// Whether its memory was taken back since it was frozen.
    var isReclaimed = false

    var id: String { record.id }
    var generation: Int64 { record.generation }

    /// What is known of a replica that serves or rests.
    var serving: Serving? {
        switch state {
        case .ready(let serving), .resting(let serving, _), .frozen(let serving, _): serving
        case .unclaimed, .creating, .starting, .halting, .stopped, .retiring: nil
        }
    }

    /// The address of a replica that serves.
    var readyAddress: String? {
        if case .ready(let serving) = state, !hasEnded { serving.address } else { nil }
    }

    /// Whether it can serve again at once.
    var isAtRest: Bool {
        switch state {
        case .resting, .frozen: !hasEnded
        case .unclaimed, .creating, .starting, .ready, .halting, .stopped, .retiring: false
        }
    }

    /// The address of one whose container is there without a process, or will be soon.
    var stoppedAddress: String? {
        switch state {
        case .halting(let address), .stopped(let address): address
        case .unclaimed, .creating, .starting, .ready, .resting, .frozen, .retiring: nil
        }
    }

    /// The process on this machine, while there is one.
    var pid: Int32? {
        if case .starting(_, let pid) = state { pid } else { serving?.pid }
    }

    /// How long it has served calls, or could have.
    func served(now: ContinuousClock.Instant) -> Duration {
        serving.map { $0.since.duration(to: now) } ?? .zero
    }

    /// Whether the replica counts towards the number that is wanted.
    var counts: Bool { state != .retiring }
}
