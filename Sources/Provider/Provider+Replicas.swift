import Containers
import Logging
import OpenFaaSAPI

extension Provider {
    /// What a probe of a replica found.
    enum ProbeOutcome {
        case serves
        case stillStarting
        case ended
    }

    /// Makes one replica and starts it; after an error nothing of it is left.
    ///
    /// - Returns: The replica's id.
    func startReplica(of function: FunctionRecord, plan: ContainerPlan) async throws -> String {
        let record = maker.newRecord(of: function, plan: plan)
        functions[function.name, default: FunctionState()].replicas[record.id] =
            Replica(record: record, state: .creating)
        do {
            let running = try await maker.make(record, plan: plan)
            functions[function.name]?.replicas[record.id]?.record.address = running.address
            functions[function.name]?.replicas[record.id]?.state = .starting(address: running.address, pid: running.pid)
            return record.id
        } catch {
            forgetReplica(record.id, of: function.name, removed: await maker.remove(record))
            throw error
        }
    }

    /// Takes replicas out of use, waits for the calls under way, and removes them.
    ///
    /// - Parameter served: whether calls may be under way to them.
    func removeReplicas(_ ids: [String], of name: FunctionName, served: Bool) async {
        strike(name)
        let records = ids.compactMap { functions[name]?.replicas[$0]?.record }
        for id in ids { functions[name]?.replicas[id]?.state = .retiring }
        if served {
            await publish()
            await sink.drain(Set(ids), within: Self.drainTime)
        }
        await withTaskGroup { group in
            for record in records {
                group.addTask { (record.id, await self.maker.remove(record)) }
            }
            for await (id, removed) in group { forgetReplica(id, of: name, removed: removed) }
        }
    }

    /// Drops a replica whose parts are gone; one whose parts are not stays known, and the next resync tries
    /// again.
    private func forgetReplica(_ id: String, of name: FunctionName, removed: Bool) {
        if removed {
            functions[name]?.replicas[id] = nil
        } else {
            functions[name]?.replicas[id]?.state = .retiring
        }
    }

    /// Asks a replica again and again whether it serves.
    ///
    /// - Parameter deadline: when to give up; `nil` for as long as the process lives.
    func probe(
        _ id: String, of name: FunctionName, until deadline: ContinuousClock.Instant?
    ) async -> ProbeOutcome {
        var pause = Duration.milliseconds(1)
        guard let readiness = functions[name]?.replicas[id]?.record.readiness else { return .ended }
        while case .starting(let address, let pid) = functions[name]?.replicas[id]?.state {
            if await readiness.isReady(address: address, port: functionPort) {
                markReady(id, of: name)
                return .serves
            }
            if !ProcessProbe.isAlive(pid) { return .ended }
            if Task.isCancelled { return .stillStarting }
            if let deadline, ContinuousClock.now >= deadline { return .stillStarting }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
        return functions[name]?.replicas[id]?.serving == nil ? .ended : .serves
    }

    private func markReady(_ id: String, of name: FunctionName) {
        guard case .starting = functions[name]?.replicas[id]?.state else { return }
        if let record = functions[name]?.replicas[id]?.record {
            functions[name]?.replicas[id]?.socket = maker.sockets.path(ofReplica: record)
        }
        let turn = functions[name]?.becameReady(id, now: .now)
        functions[name]?.note("replica \(id) takes calls")
        logger.info("replica is ready", metadata: ["function": "\(name)", "replica": "\(id)"])
        if let turn { goToRest(id, of: name, turn: turn) }
        lookAtNetworkSoon()
    }

    /// Sends calls to a replica if it serves by then, and otherwise goes on watching it.
    func settle(_ id: String, of name: FunctionName, until deadline: ContinuousClock.Instant) async {
        switch await probe(id, of: name, until: deadline) {
        case .serves: await publish()
        case .stillStarting, .ended: functions[name]?.replicas[id].map(watch)
        }
    }

    /// Goes on probing a replica that takes longer than its start, in a task of its own.
    func watch(_ replica: Replica) {
        let (id, name) = (replica.id, replica.record.function)
        watches.add {
            switch await self.probe(id, of: name, until: nil) {
            case .serves:
                await self.publish()
                self.work.add { await self.reconcile(name) }
            case .ended:
                self.work.add { await self.replicaEnded(id, of: name) }
            case .stillStarting:
                break
            }
        }
    }

    /// Deals with a replica whose process ended by itself.
    ///
    /// - Parameter exit: what containerd said of the end; without it, the process is looked at first, because
    ///   a list of containers may be older than the replica.
    func replicaEnded(_ id: String, of name: FunctionName, exit: TaskExit? = nil) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        guard let replica = functions[name]?.replicas[id], let pid = replica.pid else { return }
        guard exit.map({ $0.pid == pid }) ?? !ProcessProbe.isAlive(pid) else { return }
        let memoryLimit = functions[name]?.accepted?.spec.deployment.limits?.memory
        let end = await maker.explainEnd(of: id, function: name, exitStatus: exit?.status, memoryLimit: memoryLimit)
        let reason = end.reason
        logger.warning(
            "replica ended by itself",
            metadata: ["function": "\(name)", "replica": "\(id)", "reason": "\(reason)"])
        functions[name]?.replicas[id]?.state = .retiring
        functions[name]?.backoff.replicaEnded(
            served: replica.served(now: .now), reason: reason, cause: end.cause, exitCode: end.exitCode, now: .now)
        functions[name]?.note("replica \(id) \(end.what)")
        await publish()
        await removeReplicas([id], of: name, served: false)
        await reconcileInLane(name)
    }
}

/// The end of a container's process, as containerd told it.
struct TaskExit: Sendable {
    let pid: Int32
    /// 128 + N for signal N.
    let status: UInt32
}
