import Containers
import Logging
import OpenFaaSAPI

extension Provider {
    /// Reads the desired state and takes over the replicas that still run.
    ///
    /// While containerd does not answer, the replicas stay `unclaimed`, and the first resync after it answers
    /// looks for them. One whose process is gone, or that was never finished, is then removed, and the
    /// reconciler starts another.
    func restore() async throws {
        let contents = try await store.contents()
        for problem in contents.unreadable {
            logger.error(
                "a function in the database cannot be read; it is left alone", metadata: ["error": "\(problem)"])
        }
        for record in contents.namespaces { namespaceRecords[record.name] = record }
        for record in contents.functions {
            functions[record.name, default: FunctionState()].accepted = record
        }
        for record in contents.replicas {
            functions[record.function, default: FunctionState()].replicas[record.id] =
                Replica(record: record, state: .unclaimed)
        }
        await publish()
    }

    /// Takes over a replica of an earlier run of the daemon, or finds that it is not worth it.
    ///
    /// - Parameter pid: its process, where it has one.
    func claim(_ id: String, of name: FunctionName, pid: Int32?) async {
        await enterLane(name)
        defer { leaveLane(name) }
        guard let record = functions[name]?.replicas[id]?.record, functions[name]?.replicas[id]?.state == .unclaimed
        else { return }
        guard let pid, let address = record.address, functions[name]?.accepted != nil else {
            await removeReplicas([id], of: name, served: false)
            await reconcileInLane(name)
            return
        }
        functions[name]?.replicas[id]?.state = .starting(address: address, pid: pid)
        await settle(id, of: name, until: .now)
        await reconcileInLane(name)
    }
}
