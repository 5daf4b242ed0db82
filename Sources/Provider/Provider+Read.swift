import Containers
public import OpenFaaSAPI

extension Provider {
    /// The functions of a namespace, in the order of their names.
    ///
    /// - Throws: ``ProviderError`` with code `invalid` when there is no such namespace.
    public func list(namespace: String) async throws -> [FunctionStatus] {
        let found = functions.keys.filter { $0.namespace == namespace }.sorted { $0.name < $1.name }
        if found.isEmpty { try await maker.requireNamespace(namespace) }
        return found.compactMap(status)
    }

    /// One function; `nil` when it is not there.
    public func status(of name: FunctionName) -> FunctionStatus? {
        guard let state = functions[name], let accepted = state.accepted else { return nil }
        return FunctionStatus(
            name: name, deployment: accepted.spec.deployment, invocationCount: 0,
            replicas: UInt64(accepted.replicas), availableReplicas: UInt64(state.callable.count),
            createdAt: Timestamp.rfc3339(accepted.createdAt))
    }

    /// The namespaces that functions can be deployed to; the default one first.
    ///
    /// They are containerd's namespaces which carry the label `openfaas`, without this instance's prefix.
    ///
    /// - Throws: ``ProviderError`` with code `runtimeUnavailable`.
    public func namespaces() async throws -> [String] {
        let others = try await maker.functionNamespaces().filter { $0 != FunctionName.defaultNamespace }
        return [FunctionName.defaultNamespace] + others.sorted()
    }
}
