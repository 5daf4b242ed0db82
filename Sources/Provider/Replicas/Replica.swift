import OpenFaaSAPI

/// A replica as the provider knows it while it exists.
struct Replica: Sendable, Equatable {
    /// The life of a replica; each state holds what is known in it.
    enum State: Sendable, Equatable {
        /// It was begun by an earlier run of the daemon and has not been looked for yet.
        case unclaimed
        /// Its parts are being made.
        case creating
        /// Its process runs and does not serve yet.
        case starting(address: String, pid: Int32)
        /// It serves.
        case ready(address: String, pid: Int32, since: ContinuousClock.Instant)
        /// It is on its way out: no new call goes to it.
        case retiring
    }

    var record: ReplicaRecord
    var state: State
    /// Its watchdog's Unix socket, where it has one.
    var socket: String?
    /// Whether its process is known to have ended. It takes no calls from then on; the rest is done in the lane.
    var hasEnded = false

    var id: String { record.id }
    var generation: Int64 { record.generation }

    /// The address of a replica that serves.
    var readyAddress: String? {
        if case .ready(let address, _, _) = state, !hasEnded { address } else { nil }
    }

    /// The process on this machine, while there is one.
    var pid: Int32? {
        switch state {
        case .starting(_, let pid), .ready(_, let pid, _): pid
        case .unclaimed, .creating, .retiring: nil
        }
    }

    /// How long it has served calls.
    func served(now: ContinuousClock.Instant) -> Duration {
        if case .ready(_, _, let since) = state { since.duration(to: now) } else { .zero }
    }

    /// Whether the replica counts towards the number that is wanted.
    var counts: Bool { state != .retiring }
}
