import Containers
import Logging
import OpenFaaSAPI

extension Provider {
    /// Makes the replicas of a function agree with what is wanted.
    func reconcile(_ name: FunctionName) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        await reconcileInLane(name)
    }

    func reconcileInLane(_ name: FunctionName) async {
        defer { list(name) }
        while let step = nextStep(of: name) {
            switch step {
            case .retire(let ids):
                await removeReplicas(ids, of: name, served: true)
            case .rise(let ids):
                rise(ids, of: name)
                await publish()
            case .rest:
                await rest(name)
            case .revive(let ids):
                guard await revive(ids, of: name) else { return }
            case .reclaim(let ids):
                beginReclaim(ids, of: name)
            case .stop(let ids):
                await halt(ids, of: name)
            case .wait(let time):
                await lookAgain(name, at: time)
                return
            case .start:
                guard await startAccepted(name) else { return }
            }
        }
    }

    /// What is to be done next for a function.
    func nextStep(of name: FunctionName) -> FunctionState.Step? {
        strike(name)
        return functions[name]?.nextStep(now: .now, ladder: ladder)
    }

    /// Looks again at that time, or earlier where that is arranged already.
    private func lookAgain(_ name: FunctionName, at time: ContinuousClock.Instant) async {
        if let timer = functions[name]?.timer, timer <= time { return }
        functions[name]?.timer = time
        watches.add {
            try? await Task.sleep(until: time)
            guard !Task.isCancelled else { return }
            self.work.add {
                await self.forgetTimer(of: name, at: time)
                await self.reconcile(name)
            }
        }
        // A function in a crash loop says so.
        if functions[name]?.backoff.retryAt == time { await publish() }
    }

    private func forgetTimer(of name: FunctionName, at time: ContinuousClock.Instant) {
        if functions[name]?.timer == time { functions[name]?.timer = nil }
    }

    /// Starts one more replica of the accepted deployment; `false` when nothing more can be done now.
    private func startAccepted(_ name: FunctionName) async -> Bool {
        guard let accepted = functions[name]?.accepted else { return false }
        do {
            // The image was there when the deployment was accepted. It is fetched again only if it is gone.
            let plan = try await maker.prepare(accepted.spec, policy: .ifNotPresent)
            let id = try await startReplica(of: accepted, plan: plan)
            await settle(id, of: name, until: .now + .seconds(1))
            return true
        } catch let error as ProviderError where error.code == .runtimeUnavailable {
            // No fault of the function. The next resync comes when containerd does.
            return false
        } catch {
            logger.warning("replica did not start", metadata: ["function": "\(name)", "error": "\(error)"])
            let isImage = (error as? ProviderError)?.code == .imageUnavailable
            functions[name]?.backoff.replicaEnded(
                served: .zero, reason: "\(error)", cause: isImage ? .image : .notStarted, now: .now)
            functions[name]?.note("a replica did not start: \(error)")
            return true
        }
    }

    /// Compares everything with containerd, again and again.
    func resyncPeriodically() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: maker.configuration.resyncInterval)
            if !Task.isCancelled { await resync() }
        }
    }

    /// Follows what containerd tells; while it is down, waits for it to come back.
    func watchRuntime() async {
        // Before the subscription stands: replicas that still run should be called at once.
        await resync()
        var available = true
        while !Task.isCancelled {
            do {
                for try await event in maker.machine.runtime.events() {
                    if case .subscribed = event {
                        if !available { logger.notice("containerd answers again") }
                        available = true
                        runtimeTrouble = nil
                        await resync()
                    } else if case .taskExit(let id, let namespace, let pid, let status) = event {
                        taskEnded(id, containerdNamespace: namespace, exit: TaskExit(pid: pid, status: status))
                    } else if case .taskOOM(let id, let namespace) = event {
                        warnOfMemory(id, containerdNamespace: namespace)
                    }
                }
            } catch {
                if available, !Task.isCancelled {
                    logger.error("containerd does not answer; retrying", metadata: ["error": "\(error)"])
                }
                available = false
                if !Task.isCancelled { runtimeTrouble = "\(error)" }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// The call that the process was for says only that it was killed.
    private func warnOfMemory(_ id: String, containerdNamespace: String) {
        for (name, state) in functions
        where maker.containerdNamespace(name.namespace) == containerdNamespace && state.replicas[id] != nil {
            logger.warning(
                "the kernel has killed a process at the memory limit of its function",
                metadata: ["function": "\(name)", "replica": "\(id)"])
        }
    }

    private func taskEnded(_ id: String, containerdNamespace: String, exit: TaskExit) {
        for (name, state) in functions where maker.containerdNamespace(name.namespace) == containerdNamespace {
            guard let replica = state.replicas[id] else { continue }
            let mustLeave = replica.pid == exit.pid
            if mustLeave {
                strike(name)
                functions[name]?.replicas[id]?.hasEnded = true
            }
            work.add {
                // Before the lane, which an update may hold for seconds: calls wait for the next replica, or go to others.
                if mustLeave { await self.publish() }
                await self.replicaEnded(id, of: name, exit: exit)
            }
        }
    }

    /// Finds what differs between the replicas known here and the containers there are, and mends it.
    func resync() async {
        for namespace in Set(functions.keys.map(\.namespace)).union([FunctionName.defaultNamespace]) {
            do {
                mend(namespace: namespace, containers: try await maker.containers(in: namespace))
            } catch {
                logger.debug("could not list containers", metadata: ["namespace": "\(namespace)", "error": "\(error)"])
                return
            }
        }
        for name in functions.keys { work.add { await self.reconcile(name) } }
        sweepLogs()
        await mendNetwork()
    }

    /// The files of a function go some time after it, so that the words of one which failed can still be read; and
    /// they go after a crash, too.
    private func sweepLogs() {
        let names = Dictionary(grouping: functions.keys, by: \.namespace).mapValues { Set($0.map(\.name)) }
        for namespace in Set(names.keys).union(namespaceRecords.keys).union([FunctionName.defaultNamespace]) {
            LogSweeper.sweep(
                directory: maker.machine.logDirectory, namespace: maker.containerdNamespace(namespace),
                keeping: names[namespace] ?? [])
        }
    }

    /// - Parameter containers: what the task of every container of ours is doing.
    private func mend(namespace: String, containers: [String: TaskState]) {
        var known: Set<String> = []
        for (name, state) in functions where name.namespace == namespace {
            known.formUnion(state.replicas.keys)
            for replica in state.replicas.values { mend(replica, task: containers[replica.id]) }
            let unclaimed = state.replicas.values.filter { $0.state == .unclaimed }.map(\.id)
            if !unclaimed.isEmpty {
                let tasks = containers.filter { unclaimed.contains($0.key) }
                work.add { await self.claim(unclaimed, tasks: tasks, of: name) }
            }
        }
        for stray in containers.keys where !known.contains(stray) {
            logger.notice("removing a container that belongs to no function", metadata: ["replica": "\(stray)"])
            work.add { await self.maker.removeStray(stray, namespace: namespace) }
        }
    }

    private func mend(_ replica: Replica, task: TaskState?) {
        let (id, name) = (replica.id, replica.record.function)
        switch replica.state {
        case .starting, .ready, .resting, .frozen:
            if task?.pid == nil { work.add { await self.replicaEnded(id, of: name) } }
        case .retiring:
            // What could not be removed when it was to be is removed now.
            work.add { await self.removeIf(.retiring, id, of: name) }
        case .stopped:
            if task == nil { work.add { await self.removeIf(replica.state, id, of: name) } }
        case .unclaimed, .creating, .halting:
            break
        }
    }

    private func removeIf(_ state: Replica.State, _ id: String, of name: FunctionName) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        guard functions[name]?.replicas[id]?.state == state else { return }
        await removeReplicas([id], of: name, served: false)
    }
}
