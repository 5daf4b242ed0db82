import Containers
import Logging
public import OpenFaaSAPI

extension Provider {
    /// Deploys a function that is not there yet.
    ///
    /// Returns once the function is on disk and its first replica serves, or still comes up after
    /// ``trialTime``. After an error nothing of it is left: no container, network namespace, address or row.
    ///
    /// - Throws: ``ProviderError``.
    public func deploy(_ deployment: FunctionDeployment) async throws {
        let spec = try FunctionSpec(validating: deployment)
        try await inLane(.function(spec.name)) {
            if await self.functions[spec.name]?.accepted != nil {
                throw ProviderError(
                    .alreadyExists, "function \(spec.name) already exists; use PUT to update it, or delete it first")
            }
            try await self.acceptOrNote(spec)
        }
    }

    /// Replaces the deployment of a function. The old replicas serve until the new ones do; when the first new
    /// one does not come up, the old deployment stays.
    ///
    /// - Throws: ``ProviderError``; `notFound` tells `faas-cli` to `POST` instead.
    public func update(_ deployment: FunctionDeployment) async throws {
        let spec = try FunctionSpec(validating: deployment)
        try await inLane(.function(spec.name)) {
            guard await self.functions[spec.name]?.accepted != nil else {
                throw ProviderError(.notFound, "function \(spec.name) not found; use POST to deploy it")
            }
            try await self.acceptOrNote(spec)
        }
    }

    /// Removes a function and all that belongs to it; when it returns, its name is free.
    ///
    /// - Throws: ``ProviderError``.
    public func delete(_ name: FunctionName) async throws {
        try await inLane(.function(name)) {
            guard await self.functions[name]?.accepted != nil else {
                throw ProviderError(.notFound, "function \(name) not found")
            }
            // Without containerd nothing can be stopped, and the caller should know now.
            try await self.maker.checkRuntime()
            try await self.store.remove(name)
            await self.forget(name)
            await self.reconcileInLane(name)
        }
    }

    private func forget(_ name: FunctionName) async {
        functions[name]?.accepted = nil
        await publish()
    }

    /// What was refused is told to whoever asks why the function is not there.
    private func acceptOrNote(_ spec: FunctionSpec) async throws {
        refusals.removeAll { $0.function == spec.name }
        do {
            try await accept(spec)
        } catch {
            note("the deployment of image \(spec.deployment.image) was refused: \(error)", on: spec.name)
            throw error
        }
    }

    /// Tries the deployment with one replica, and only when that holds makes it the accepted one.
    private func accept(_ spec: FunctionSpec) async throws {
        let name = spec.name
        let previous = functions[name]?.accepted
        let now = Timestamp.now
        // Time makes the generation greater than that of any replica which a crash may have left behind.
        let record = FunctionRecord(
            spec: spec, generation: max(now, (previous?.generation ?? 0) + 1), replicas: spec.scaling.minimum,
            createdAt: previous?.createdAt ?? now, updatedAt: now)
        try Constraint.check(
            spec.deployment.constraints ?? [], nodeLabels: maker.configuration.nodeLabels)
        try await requireNamespace(name.namespace)
        let plan = try await maker.prepare(spec, policy: spec.imagePullPolicy)
        try await tryOut(record, plan: plan, replaces: previous != nil)
        functions[name, default: FunctionState()].accepted = record
        functions[name]?.backoff = RestartBackoff()
        functions[name]?.note("deployed image \(spec.deployment.image)")
        logger.info(
            "accepted deployment",
            metadata: ["function": "\(name)", "image": "\(spec.image)", "generation": "\(record.generation)"])
        await publish()
        work.add { await self.reconcile(name) }
    }

    private func tryOut(_ record: FunctionRecord, plan: ContainerPlan, replaces: Bool) async throws {
        let id = try await startReplica(of: record, plan: plan)
        do {
            if replaces {
                try await awaitReadiness(of: id, record)
            } else {
                try await awaitFirstSign(of: id, record)
            }
            try await store.save(record)
        } catch {
            await removeReplicas([id], of: record.name, served: false)
            throw error
        }
        if let replica = functions[record.name]?.replicas[id], case .starting = replica.state { watch(replica) }
    }

    /// Waits until the replica serves, or for the trial time while its process lives.
    private func awaitFirstSign(of id: String, _ record: FunctionRecord) async throws {
        let deadline = ContinuousClock.now + Self.trialTime
        switch await probe(id, of: record.name, until: deadline) {
        case .serves, .stillStarting: return
        case .ended:
            throw ProviderError(.startFailed, await reasonOfEnd(of: id, record))
        }
    }

    private func reasonOfEnd(of id: String, _ record: FunctionRecord) async -> String {
        await maker.explainEnd(
            of: id, function: record.name, memoryLimit: record.spec.deployment.limits?.memory
        ).reason
    }

    /// Waits until the replica serves: what serves now is not given up for one that never does.
    private func awaitReadiness(of id: String, _ record: FunctionRecord) async throws {
        let limit = maker.configuration.readyTimeout
        switch await probe(id, of: record.name, until: .now + limit) {
        case .serves: return
        case .ended:
            throw ProviderError(.startFailed, await reasonOfEnd(of: id, record))
        case .stillStarting:
            let output = maker.lastOutput(of: id, function: record.name)
            throw ProviderError(
                .startFailed,
                "the new replica of function \(record.name) did not serve within \(limit), so the old deployment stays; "
                    + output)
        }
    }
}
