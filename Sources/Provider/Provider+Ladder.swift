import Containers
import Logging
import OpenFaaSAPI

/// The steps below frozen.
extension Provider {
    /// Takes memory back from frozen replicas. Nobody waits for it: a call that comes meanwhile thaws them as ever.
    func beginReclaim(_ ids: [String], of name: FunctionName) {
        let groups = functions[name]?.beginReclaim(ids) ?? []
        watches.add { for (id, cgroup) in groups { await self.reclaim(id, cgroup, of: name) } }
    }

    private func reclaim(_ id: String, _ cgroup: Cgroup, of name: FunctionName) async {
        do {
            guard let memory = try await reclaimer.reclaim(cgroup) else {
                logger.notice("this kernel cannot take memory back from a function; the step is left out")
                ladder.reclaimAfter = nil
                for name in functions.keys { functions[name]?.forgetReclaims() }
                return
            }
            logger.info(
                "took memory back from a replica",
                metadata: [
                    "function": "\(name)", "replica": "\(id)", "before": "\(memory.before)", "after": "\(memory.after)",
                ])
        } catch {
            logger.debug("could not take memory back", metadata: ["replica": "\(id)", "error": "\(error)"])
        }
    }

    /// Ends the processes of replicas that are frozen. To be called in the function's lane.
    func halt(_ ids: [String], of name: FunctionName) async {
        functions[name]?.beginStop(ids)
        let records = ids.compactMap { functions[name]?.replicas[$0]?.record }
        await withTaskGroup { group in
            for record in records { group.addTask { await self.halt(record) } }
        }
    }

    private func halt(_ record: ReplicaRecord) async {
        let (id, name) = (record.id, record.function)
        let metadata: Logger.Metadata = ["function": "\(name)", "replica": "\(id)"]
        do {
            try await maker.halt(record)
            guard case .halting(let address) = functions[name]?.replicas[id]?.state else { return }
            functions[name]?.replicas[id]?.state = .stopped(address: address)
            logger.info("replica is stopped", metadata: metadata)
        } catch {
            logger.warning(
                "could not stop a replica; it is removed", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            await removeReplicas([id], of: name, served: false)
        }
    }

    /// Starts stopped containers; one that cannot be started is removed, and another made in its place. To be called in
    /// the function's lane.
    ///
    /// - Returns: `false` when nothing more can be done now.
    func revive(_ ids: [String], of name: FunctionName) async -> Bool {
        guard let spec = functions[name]?.accepted?.spec else { return false }
        let stopped = functions[name]?.beginRevival(ids) ?? []
        return await withTaskGroup { group in
            for (record, address) in stopped {
                group.addTask { await self.revive(record, address: address, spec: spec) }
            }
            var mayGoOn = true
            for await revived in group where !revived { mayGoOn = false }
            return mayGoOn
        }
    }

    private func revive(_ record: ReplicaRecord, address: String, spec: FunctionSpec) async -> Bool {
        let (id, name) = (record.id, record.function)
        do {
            let pid = try await maker.restart(record, spec: spec)
            functions[name]?.replicas[id]?.state = .starting(address: address, pid: pid)
            await settle(id, of: name, until: .now + .seconds(1))
            return true
        } catch let error where error.code == .runtimeUnavailable {
            functions[name]?.replicas[id]?.state = .stopped(address: address)
            return false
        } catch {
            logger.warning(
                "could not start a stopped replica; another is made",
                metadata: ["function": "\(name)", "replica": "\(id)", "error": "\(error)"])
            await removeReplicas([id], of: name, served: false)
            return true
        }
    }
}

extension FunctionState {
    fileprivate mutating func forgetReclaims() {
        for id in replicas.keys { replicas[id]?.isReclaimed = false }
    }
}
