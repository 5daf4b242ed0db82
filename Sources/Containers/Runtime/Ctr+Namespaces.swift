extension Ctr {
    /// See ``ContainerRuntime/namespaces()``.
    public func namespaces() async throws -> [ContainerNamespace] {
        let result = try await client.require(["namespaces", "list"], namespace: nil, about: "namespaces")
        return CtrOutput.namespaces(result.outputText)
    }

    /// See ``ContainerRuntime/createNamespace(_:labels:)``.
    public func createNamespace(_ name: String, labels: [String: String]) async throws {
        try RuntimeNames.checkIdentifier(name, field: "namespace")
        try RuntimeNames.checkLabels(labels)
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let subject = "namespace \"\(name)\""
        do {
            _ = try await client.require(
                ["namespaces", "create", name] + pairs, namespace: nil, about: subject)
        } catch let error as ContainersError where error.code == .alreadyExists {
            guard !pairs.isEmpty else { return }
            _ = try await client.require(["namespaces", "label", name] + pairs, namespace: nil, about: subject)
        }
    }

    /// See ``ContainerRuntime/removeNamespace(_:)``.
    public func removeNamespace(_ name: String) async throws {
        try RuntimeNames.checkIdentifier(name, field: "namespace")
        _ = try await client.removeIfPresent(
            ["namespaces", "remove", name], namespace: nil, about: "namespace \"\(name)\"")
    }
}
