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
    /// - Parameter tasks: what the task of each is doing, where it has a container.
    func claim(_ ids: [String], tasks: [String: TaskState], of name: FunctionName) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        let newestFirst = (functions[name]?.replicas.values.filter { ids.contains($0.id) } ?? [])
            .sorted { ($1.generation, $0.id) < ($0.generation, $1.id) }
        for replica in newestFirst where functions[name]?.replicas[replica.id]?.state == .unclaimed {
            await claim(replica.record, task: tasks[replica.id])
        }
        await reconcileInLane(name)
    }

    private func claim(_ record: ReplicaRecord, task: TaskState?) async {
        let (id, name) = (record.id, record.function)
        guard let accepted = functions[name]?.accepted, let address = record.address, let task else {
            await removeReplicas([id], of: name, served: false)
            return
        }
        guard let pid = task.pid else {
            // At zero a container without a process is one that was stopped; where a replica is wanted, the daemon may
            // have been killed while it was made.
            if task == .none, accepted.replicas == 0, accepted.generation == record.generation, maker.canStart(record) {
                renewSecrets(ofReplica: id, of: name)
                functions[name]?.replicas[id]?.state = .stopped(address: address)
            } else {
                await removeReplicas([id], of: name, served: false)
            }
            return
        }
        renewSecrets(ofReplica: id, of: name)
        if claimFrozen(record, address: address, pid: pid) { return }
        functions[name]?.replicas[id]?.state = .starting(address: address, pid: pid)
        let patience = record.generation == accepted.generation ? Self.claimTime : .zero
        await settle(id, of: name, until: .now + patience)
    }
}
