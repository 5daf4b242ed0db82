import Containers

/// Looks for what nobody knows of any more.
struct LeftoverCheck: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    func run() async -> [Finding] {
        let prefix = configuration.network.bridge + "-"
        let names = NetworkNamespaces(runner: machine.runner).list(prefix: prefix).map(\.name)
        guard !names.isEmpty, let ids = try? await containers() else { return [] }
        let stale = Self.stale(names, prefix: prefix, containers: ids)
        guard !stale.isEmpty else { return [] }
        return [
            .warning(
                "network namespaces without a container: \(stale.joined(separator: ", "))",
                fix: "the daemon removes its own at its start; else: ip netns delete NAME")
        ]
    }

    /// A replica's namespace and its container end with the same eight digits.
    static func stale(_ names: [String], prefix: String, containers: [String]) -> [String] {
        let known = Set(containers.compactMap { $0.split(separator: "-").last.map(String.init) })
        return names.filter { !known.contains(String($0.dropFirst(prefix.count))) }
    }

    private func containers() async throws -> [String] {
        let namespaces = try await machine.ctr.namespaces().map(\.name)
        var ids: [String] = []
        for namespace in namespaces where namespace.hasPrefix(configuration.namespacePrefix) {
            ids += try await machine.ctr.list(namespace: namespace).map(\.id)
        }
        return ids
    }
}
