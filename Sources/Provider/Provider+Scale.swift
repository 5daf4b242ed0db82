import Logging
public import OpenFaaSAPI

extension Provider {
    /// Sets how many replicas a function has; with 0 it rests until it is called again.
    ///
    /// Returns when the number is on disk; the replicas follow. More than the label `com.openfaas.scale.max`
    /// allows is cut to that.
    ///
    /// - Throws: ``ProviderError``.
    public func scale(_ name: FunctionName, to replicas: UInt64) async throws {
        guard replicas <= UInt64(ScaleSettings.replicaLimit) else {
            throw ProviderError(
                .invalid,
                "invalid replicas: \(replicas) is more than \(ScaleSettings.replicaLimit), the most on one machine")
        }
        try await inLane(.function(name)) {
            guard await self.functions[name]?.accepted != nil else {
                throw ProviderError(.notFound, "function \(name) not found")
            }
            try await self.setReplicas(Int(replicas), of: name)
        }
    }

    private func setReplicas(_ replicas: Int, of name: FunctionName) async throws {
        // A call that has just woken the function came before, and does not undo this.
        strike(name)
        guard var record = functions[name]?.accepted else { return }
        let replicas = min(replicas, record.spec.scaling.maximum)
        guard replicas != record.replicas else { return }
        record.replicas = replicas
        record.updatedAt = Timestamp.now
        try await store.save(record)
        functions[name]?.accepted = record
        functions[name]?.note("scaled to \(record.replicas)")
        logger.info("scaled", metadata: ["function": "\(name)", "replicas": "\(record.replicas)"])
        work.add { await self.reconcile(name) }
    }
}
