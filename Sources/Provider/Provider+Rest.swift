import Containers
import Logging
public import OpenFaaSAPI

/// Going to rest and being woken. Neither waits for the function's lane: whoever holds it may wait for seconds, and a
/// call would with it.
extension Provider {
    /// How long the kernel may take to stop the processes of a replica. A moment is usual; one that waits for a disk
    /// takes longer.
    private static let freezeTime = Duration.seconds(5)

    /// How long the provider leaves the processor to a call that has thawed a function.
    private static let wakeDelay = Duration.milliseconds(5)

    /// Looks at a function at once, because calls wait for it.
    ///
    /// - Returns: replicas that calls can go to already; the next snapshot has them, too.
    @discardableResult
    public nonisolated func wake(_ name: FunctionName) -> [ReplicaSnapshot.Endpoint] {
        let called = ContinuousClock.now
        let endpoints = sleepers.rouse(name, called: called)
        work.add {
            guard !endpoints.isEmpty else { return await self.wake(name, called: called) }
            // Until it is struck off every call finds the same, so the first goes before our own work.
            try? await Task.sleep(for: Self.wakeDelay)
            await self.strike(name)
        }
        return endpoints
    }

    private func wake(_ name: FunctionName, called: ContinuousClock.Instant) async {
        strike(name)
        let wasAtZero = functions[name]?.wake(called: called) ?? false
        if functions[name]?.waking != nil { waking.insert(name) }
        if case .rise(let ids) = nextStep(of: name) {
            rise(ids, of: name)
            await publish()
        }
        await reconcile(name, keepsReplicas: wasAtZero)
    }

    private func reconcile(_ name: FunctionName, keepsReplicas: Bool) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        // Calls have been let through by now. Should the daemon end before the number is kept, the function is at
        // zero again, and the next call wakes it.
        if keepsReplicas { await keepReplicas(of: name) }
        await reconcileInLane(name)
    }

    /// Lets calls thaw the replicas of a function by themselves, where they are all that a call needs.
    func list(_ name: FunctionName) {
        guard let state = functions[name], let sleepers = state.listable else { return }
        self.sleepers.list(sleepers, of: name)
    }

    /// Before anything is done with a function: from now on a call does nothing by itself, and what one has done is
    /// known. A number of replicas that is set after this comes after that call.
    func strike(_ name: FunctionName) {
        guard let roused = sleepers.strike(name) else { return }
        let wasAtZero = functions[name]?.wake(called: roused.called) ?? false
        // What a call has thawed serves by now.
        _ = functions[name]?.rise(roused.ids)
        functions[name]?.woke(now: roused.at)
        waking.remove(name)
        work.add {
            await self.publish()
            await self.reconcile(name, keepsReplicas: wasAtZero)
        }
    }

    private func keepReplicas(of name: FunctionName) async {
        guard let accepted = functions[name]?.accepted, accepted.replicas > 0 else { return }
        do {
            try await store.save(accepted)
            logger.info("woken by a call", metadata: ["function": "\(name)", "replicas": "\(accepted.replicas)"])
        } catch {
            logger.error(
                "could not keep that a function is awake", metadata: ["function": "\(name)", "error": "\(error)"])
        }
    }

    /// Lets replicas serve again. The next snapshot has them.
    func rise(_ ids: [String], of name: FunctionName) {
        for id in ids where functions[name]?.replicas[id]?.pid.map(ProcessProbe.canServe) == false {
            // Killed while it was frozen: it ends when it is thawed, which containerd tells.
            functions[name]?.replicas[id]?.hasEnded = true
            functions[name]?.waking = nil
            thaw(functions[name]?.replicas[id]?.cgroup, id)
        }
        for (id, cgroup) in functions[name]?.rise(ids) ?? [] { thaw(cgroup, id) }
    }

    private func thaw(_ cgroup: Cgroup?, _ id: String) {
        do {
            try cgroup?.thaw()
        } catch {
            // Its process has ended; containerd tells that, too.
            logger.debug("could not thaw a replica", metadata: ["replica": "\(id)", "error": "\(error)"])
        }
    }

    /// Takes the replicas beyond the number wanted to rest.
    func rest(_ name: FunctionName) async {
        // Calls that came before may still wait for the snapshot in which the replicas serve. When this returns none does,
        // and who waits from then on wakes the function.
        await publish()
        guard case .rest(let ids) = nextStep(of: name) else { return }
        for (id, turn) in functions[name]?.beginRest(ids) ?? [] { goToRest(id, of: name, turn: turn) }
    }

    func goToRest(_ id: String, of name: FunctionName, turn: UInt64) {
        watches.add { await self.rest(id, of: name, turn: turn) }
    }

    /// Freezes a replica as soon as no call is under way to it, unless it is called back before.
    private func rest(_ id: String, of name: FunctionName, turn: UInt64) async {
        await publish()
        while functions[name]?.resting(id, turn: turn) != nil, !Task.isCancelled {
            guard await sink.drain([id], within: Self.drainTime) else { continue }
            await freeze(id, of: name, turn: turn)
            // From here on time alone leads to the next step.
            work.add { await self.reconcile(name) }
            return
        }
    }

    private func freeze(_ id: String, of name: FunctionName, turn: UInt64) async {
        guard let pid = functions[name]?.resting(id, turn: turn) else { return }
        let metadata: Logger.Metadata = ["function": "\(name)", "replica": "\(id)"]
        let began = ContinuousClock.now
        let cgroup: Cgroup
        do {
            cgroup = try maker.cgroup(of: id, pid: pid, function: name)
            try cgroup.freeze()
            functions[name]?.froze(id, turn: turn, by: cgroup, now: began)
            list(name)
        } catch {
            guard ProcessProbe.isAlive(pid) else { return }
            logger.warning(
                "could not freeze a replica; it rests without",
                metadata: metadata.merging(["error": "\(error)"]) { $1 })
            functions[name]?.froze(id, turn: turn, by: nil, now: began)
            return
        }
        while !cgroup.isFrozen, functions[name]?.replicas[id]?.cgroup != nil, began.duration(to: .now) < Self.freezeTime
        {
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return }
        }
        guard functions[name]?.replicas[id]?.cgroup != nil else { return }
        if cgroup.isFrozen {
            logger.info("replica is frozen", metadata: metadata)
        } else {
            logger.warning("the kernel has not frozen a replica yet", metadata: metadata)
        }
    }

    /// Takes over a replica that an earlier run of the daemon froze. It served before that, so it is not asked again.
    ///
    /// - Returns: `false` for one that is not frozen.
    func claimFrozen(_ record: ReplicaRecord, address: String, pid: Int32) -> Bool {
        guard let cgroup = try? maker.cgroup(of: record.id, pid: pid, function: record.function) else { return false }
        guard cgroup.isFrozen else {
            // It may be about to be.
            thaw(cgroup, record.id)
            return false
        }
        let now = ContinuousClock.now
        functions[record.function]?.replicas[record.id]?.socket = maker.sockets.path(ofReplica: record)
        functions[record.function]?.replicas[record.id]?.cgroup = cgroup
        functions[record.function]?.replicas[record.id]?.state = .frozen(
            .init(address: address, pid: pid, since: now), at: now)
        return true
    }
}
