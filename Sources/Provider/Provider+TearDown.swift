import Containers
import OpenFaaSAPI

extension Provider {
    /// Removes every replica of this instance from the machine, and its network; what was deployed stays in the
    /// database. For a provider that does not run.
    ///
    /// - Throws: ``ProviderError`` when something could not be removed.
    public func tearDown() async throws {
        try await maker.checkRuntime()
        var failed = 0
        for record in try await store.contents().replicas where await !maker.remove(record) { failed += 1 }
        for namespace in try await namespaces() {
            for id in try await maker.containers(in: namespace).keys {
                await maker.removeStray(id, namespace: namespace)
            }
        }
        guard failed == 0 else {
            throw ProviderError(.internalError, "\(failed) replicas could not be removed; the log says why")
        }
        maker.sockets.removeAll()
        do {
            try await maker.machine.network.uninstall()
        } catch {
            throw ProviderError(error)
        }
    }

    /// Removes containerd's namespaces of this instance, with the images in them, and the empty folders they left. For
    /// when ``tearDown()`` has removed the replicas.
    ///
    /// - Returns: why one could not be removed, a sentence each.
    public func removeNamespaces() async throws -> [String] {
        var problems: [String] = []
        for namespace in try await maker.namespaces.ofFunctions().keys.sorted() {
            do {
                try await maker.namespaces.remove(namespace)
                NamespaceRemains.remove(maker.containerdNamespace(namespace))
            } catch {
                problems.append("namespace \(namespace) stays: \(error)")
            }
        }
        return problems
    }
}
