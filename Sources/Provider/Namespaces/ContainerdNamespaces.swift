import Containers
import OpenFaaSAPI

/// containerd's namespaces as this instance sees them: without its prefix.
struct ContainerdNamespaces: Sendable {
    let runtime: any ContainerRuntime
    let images: ImageStore
    let prefix: String

    /// containerd's name for a function namespace.
    func name(_ namespace: String) -> String { prefix + namespace }

    /// The labels of those namespaces whose name has the form of ours, whatever they hold.
    func all() async throws(ProviderError) -> [String: [String: String]] {
        do {
            let pairs = try await runtime.namespaces().compactMap { namespace -> (String, [String: String])? in
                guard namespace.name.hasPrefix(prefix) else { return nil }
                let name = String(namespace.name.dropFirst(prefix.count))
                guard !name.isEmpty, let checked = try? FunctionName.checkedNamespace(name) else { return nil }
                return (checked, namespace.labels)
            }
            return Dictionary(pairs) { first, _ in first }
        } catch {
            throw ProviderError(error)
        }
    }

    /// Those that functions can be deployed to (faas-provider: label `openfaas`).
    func ofFunctions() async throws(ProviderError) -> [String: [String: String]] {
        try await all().filter { Self.holdsFunctions($0.value) }
    }

    static func holdsFunctions(_ labels: [String: String]) -> Bool {
        ["1", "true"].contains(labels[FunctionNamespace.marker])
    }

    /// Sees that there is a namespace and that it is marked.
    func make(_ namespace: String) async throws(ProviderError) {
        guard try await ofFunctions()[namespace] == nil else { return }
        do {
            try await runtime.createNamespace(name(namespace), labels: [FunctionNamespace.marker: "1"])
        } catch {
            throw ProviderError(error)
        }
    }

    /// Removes a namespace with its images. An absent one is fine.
    ///
    /// - Throws: ``ProviderError`` `inUse` while somebody else's containers are in it.
    func remove(_ namespace: String) async throws(ProviderError) {
        let full = name(namespace)
        do {
            guard try await all()[namespace] != nil else { return }
            let containers = try await runtime.list(namespace: full)
            guard containers.isEmpty else {
                throw ProviderError(
                    .inUse,
                    "namespace \(namespace) holds containers that are no functions of this faasd: "
                        + containers.prefix(5).map(\.id).joined(separator: ", "))
            }
            for image in try await images.list(namespace: full) {
                try await images.remove(image, namespace: full)
            }
            try await runtime.removeNamespace(full)
        } catch {
            throw ProviderError(error)
        }
    }
}
