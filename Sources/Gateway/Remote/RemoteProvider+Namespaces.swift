import NIOHTTP1
public import OpenFaaSAPI
import Provider

extension RemoteProvider {
    /// The names of the namespaces, the default one first.
    public func namespaces() async throws -> [String] {
        try await client.namespaces()
    }

    /// One namespace.
    public func namespace(_ name: String) async throws -> FunctionNamespace {
        try await client.read(
            FunctionNamespace.self, .get("/system/namespace/\(name)", subject: "namespace \(name)"))
    }

    /// Makes a namespace.
    public func createNamespace(_ namespace: FunctionNamespace) async throws {
        // The slash at the end is faas-cli's, and faas-provider's router asks for it.
        try await change(.POST, "/system/namespace/", namespace)
    }

    /// Replaces labels and annotations of a namespace.
    public func updateNamespace(_ namespace: FunctionNamespace) async throws {
        try await change(.PUT, "/system/namespace/\(namespace.name)", namespace)
    }

    /// Removes an empty namespace.
    public func deleteNamespace(_ name: String) async throws {
        // faasd looks for name and label in the body.
        try await change(.DELETE, "/system/namespace/\(name)", FunctionNamespace(name: name))
    }

    private func change(_ method: HTTPMethod, _ path: String, _ namespace: FunctionNamespace) async throws {
        var namespace = namespace
        // Without it faasd refuses the request.
        namespace.labels = (namespace.labels ?? [:]).merging([FunctionNamespace.marker: "1"]) { given, _ in given }
        try await client.send(
            .change(method, path, body: namespace, subject: "namespace \(namespace.name)"))
    }
}
