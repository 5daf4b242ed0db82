import OpenFaaSAPI
import Synchronization

/// How many replicas alerts that are firing ask for. The autoscaler does not go below.
final class AlertFloors: Sendable {
    private struct Floor {
        let replicas: Int
        let end: ContinuousClock.Instant
    }

    /// How long an alert holds that is neither repeated nor resolved, as when Alertmanager was taken away. Alertmanager
    /// repeats after four hours where it is not told otherwise.
    static let lifetime = Duration.seconds(5 * 3600)

    private let floors = Mutex<[FunctionName: Floor]>([:])

    /// What an alert asks for now; 0 when none does.
    func replicas(of name: FunctionName, now: ContinuousClock.Instant = .now) -> Int {
        floors.withLock { floors in
            guard let floor = floors[name], floor.end > now else { return 0 }
            return floor.replicas
        }
    }

    /// An alert fires for a function, or still does.
    func raise(_ name: FunctionName, to replicas: Int, now: ContinuousClock.Instant = .now) {
        floors.withLock { $0[name] = Floor(replicas: replicas, end: now + Self.lifetime) }
    }

    /// It does no more.
    func lift(_ name: FunctionName) {
        floors.withLock { $0[name] = nil }
    }

    /// Forgets functions that are not there any more.
    func keep(only names: Set<FunctionName>) {
        floors.withLock { floors in floors = floors.filter { names.contains($0.key) } }
    }
}
