import Containers
public import OpenFaaSAPI

extension Provider {
    /// What this provider is.
    public func info() -> ProviderInfo {
        ProviderInfo(provider: "faasd", version: maker.configuration.version, orchestration: "containerd")
    }

    /// The functions of a namespace, in the order of their names.
    ///
    /// - Parameter usage: whether to measure what their replicas use.
    /// - Throws: ``ProviderError`` with code `invalid` when there is no such namespace.
    public func list(namespace: String, usage: Bool = false) async throws -> [FunctionStatus] {
        let found = functions.keys.filter { $0.namespace == namespace }.sorted { $0.name < $1.name }
        if found.isEmpty { try await requireNamespace(namespace) }
        let statuses = found.compactMap(summary)
        return usage ? await addingUsage(to: statuses) : statuses
    }

    /// One function with its replicas; `nil` when it is not there.
    ///
    /// - Parameter usage: whether to measure what its replicas use.
    public func status(of name: FunctionName, usage: Bool = false) async -> FunctionStatus? {
        guard var status = summary(of: name) else { return nil }
        status.instances = functions[name]?.instances
        status.events = functions[name]?.events.isEmpty == false ? functions[name]?.events : nil
        if let times = functions[name]?.wakeTimes, times != WakeTimes() { status.wakeTimes = times }
        return usage ? await addingUsage(to: [status]).first : status
    }

    private func summary(of name: FunctionName) -> FunctionStatus? {
        guard let state = functions[name], let accepted = state.accepted else { return nil }
        var status = FunctionStatus(
            name: name, deployment: accepted.spec.deployment, invocationCount: 0,
            replicas: UInt64(accepted.replicas), availableReplicas: UInt64(state.callable.count),
            createdAt: Timestamp.rfc3339(accepted.createdAt))
        status.failure = state.failure(now: .now)
        return status
    }
}

extension FunctionState {
    /// Its replicas as the API shows them, the oldest first.
    var instances: [FunctionInstance] {
        replicas.values.sorted { ($0.record.createdAt, $0.id) < ($1.record.createdAt, $1.id) }.map { replica in
            FunctionInstance(
                name: replica.id, state: Self.shown(replica), address: replica.record.address,
                current: replica.generation == accepted?.generation,
                createdAt: Timestamp.rfc3339(replica.record.createdAt))
        }
    }

    /// Why replicas do not stay up; `nil` once one has.
    func failure(now: ContinuousClock.Instant) -> FunctionFailure? {
        guard backoff.failures > 0, !hasSettled(now: now) else { return nil }
        let retryAt = backoff.retryAt.flatMap { $0 > now ? Timestamp.now + now.duration(to: $0).milliseconds : nil }
        return FunctionFailure(
            count: backoff.failures, reason: backoff.reason, retryAt: retryAt.map(Timestamp.rfc3339),
            cause: backoff.cause, exitCode: backoff.exitCode)
    }

    private func hasSettled(now: ContinuousClock.Instant) -> Bool {
        replicas.values.contains {
            $0.generation == accepted?.generation && $0.served(now: now) >= RestartBackoff.settledAfter
        }
    }

    private static func shown(_ replica: Replica) -> FunctionInstance.State {
        switch replica.state {
        case .unclaimed, .creating, .starting: .starting
        case .ready: .ready
        case .resting, .halting: .resting
        case .frozen: replica.isReclaimed ? .reclaimed : .frozen
        case .stopped: .stopped
        case .retiring: .stopping
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
