import OpenFaaSAPI
import Synchronization

/// How many replicas alerts that are firing ask for. The autoscaler does not go below.
final class AlertFloors: Sendable {
    private let floors = Mutex<[FunctionName: Int]>([:])

    subscript(_ name: FunctionName) -> Int { floors.withLock { $0[name] ?? 0 } }

    /// An alert fires for a function.
    func raise(_ name: FunctionName, to replicas: Int) {
        floors.withLock { $0[name] = replicas }
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
