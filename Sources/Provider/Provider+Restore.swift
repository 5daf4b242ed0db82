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

    /// Takes over replicas of an earlier run of the daemon, or finds that they are not worth it.
    ///
    /// The newest come first: an update may have been answered before the old replicas were removed, and after that no
    /// call may find the old version.
    ///
    /// - Parameter processes: the process of each, where it has one.
    func claim(_ processes: [String: Int32?], of name: FunctionName) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        let newestFirst = (functions[name]?.replicas.values.filter { processes.keys.contains($0.id) } ?? [])
            .sorted { ($1.generation, $0.id) < ($0.generation, $1.id) }
        for replica in newestFirst where functions[name]?.replicas[replica.id]?.state == .unclaimed {
            await claim(replica.record, pid: processes[replica.id] ?? nil)
        }
        await reconcileInLane(name)
    }

    private func claim(_ record: ReplicaRecord, pid: Int32?) async {
        let (id, name) = (record.id, record.function)
        guard let pid, let address = record.address, let accepted = functions[name]?.accepted else {
            await removeReplicas([id], of: name, served: false)
            return
        }
        renewSecrets(ofReplica: id, of: name)
        if claimFrozen(record, address: address, pid: pid) { return }
        functions[name]?.replicas[id]?.state = .starting(address: address, pid: pid)
        let patience = record.generation == accepted.generation ? Self.claimTime : .zero
        await settle(id, of: name, until: .now + patience)
    }
}
