import Containers
import OpenFaaSAPI
import Synchronization

/// Functions at zero whose replicas are frozen, so that a call can go on with one at once: it does not wait for the
/// actor, which may be busy, nor for the next snapshot.
///
/// The provider lists a function while nothing is being done with it, and strikes it off before it does anything. It
/// learns by that whether a call was faster.
final class Sleepers: Sendable {
    /// A frozen replica.
    struct Sleeper: Sendable {
        let endpoint: ReplicaSnapshot.Endpoint
        let pid: Int32
        /// `nil` for one that rests without being frozen.
        let cgroup: Cgroup?
    }

    private struct Entry {
        let sleepers: [Sleeper]
        /// When a call came that thawed them, and when that was done.
        var roused: (called: ContinuousClock.Instant, at: ContinuousClock.Instant)?
    }

    private let entries = Mutex<[FunctionName: Entry]>([:])

    /// Lets calls thaw the replicas of a function.
    func list(_ sleepers: [Sleeper], of name: FunctionName) {
        entries.withLock { $0[name] = Entry(sleepers: sleepers) }
    }

    /// From now on no call thaws them.
    ///
    /// - Returns: when one did, the replicas, when it came, and when they were thawed.
    func strike(
        _ name: FunctionName
    ) -> (ids: [String], called: ContinuousClock.Instant, at: ContinuousClock.Instant)? {
        guard let entry = entries.withLock({ $0.removeValue(forKey: name) }), let roused = entry.roused else {
            return nil
        }
        return (entry.sleepers.map(\.endpoint.id), roused.called, roused.at)
    }

    /// Thaws the replicas of a function, because a call has come.
    ///
    /// - Returns: where calls can go now; empty when the provider must be waited for.
    func rouse(_ name: FunctionName, called: ContinuousClock.Instant) -> [ReplicaSnapshot.Endpoint] {
        entries.withLock { entries in
            guard let entry = entries[name] else { return [] }
            guard entry.roused == nil else { return entry.sleepers.map(\.endpoint) }
            // One that was killed while it was frozen ends when it is thawed; the provider sees to that.
            guard entry.sleepers.allSatisfy({ ProcessProbe.canServe($0.pid) && Self.thaw($0.cgroup) }) else {
                return []
            }
            entries[name]?.roused = (called, .now)
            return entry.sleepers.map(\.endpoint)
        }
    }

    private static func thaw(_ cgroup: Cgroup?) -> Bool {
        do {
            try cgroup?.thaw()
            return true
        } catch {
            return false
        }
    }
}
