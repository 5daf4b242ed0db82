import NIOHTTP1
import OpenFaaSAPI
import Provider

/// What both the API and the table of routes ask a provider for.
extension ProviderClient {
    /// The names of the namespaces, the default one first where it is among them.
    func namespaces() async throws -> [String] {
        let listed: [String]?
        do {
            listed = try await read([String]?.self, .get("/system/namespaces", subject: "the list of namespaces"))
        } catch let error as ProviderError where [.unsupported, .notFound].contains(error.code) {
            // A provider with one namespace only.
            return [FunctionName.defaultNamespace]
        }
        guard let listed, !listed.isEmpty else { return [FunctionName.defaultNamespace] }
        guard listed.contains(FunctionName.defaultNamespace) else { return listed }
        return [FunctionName.defaultNamespace] + listed.filter { $0 != FunctionName.defaultNamespace }
    }

    /// The functions of a namespace.
    func functions(namespace: String, usage: Bool = false) async throws -> [FunctionStatus] {
        var query = [(name: "namespace", value: namespace)]
        if usage { query.append((name: "usage", value: "1")) }
        let call = ProviderCall.get("/system/functions", query, subject: "namespace \(namespace)")
        let functions = try await read([FunctionStatus]?.self, call) ?? []
        return functions.map { function in
            var function = function
            // The namespace may be left out, and it is the one that was asked for.
            function.namespace = namespace
            return function
        }
    }

    /// One function; `nil` when it is not there.
    func function(_ name: FunctionName, usage: Bool = false) async throws -> FunctionStatus? {
        var query = [(name: "namespace", value: name.namespace)]
        if usage { query.append((name: "usage", value: "1")) }
        let call = ProviderCall.get("/system/function/\(name.name)", query, subject: "function \(name)")
        do {
            var status = try await read(FunctionStatus.self, call)
            status.namespace = name.namespace
            return status
        } catch let error as ProviderError where error.code == .notFound {
            return nil
        }
    }

    /// Sets how many replicas a function has.
    func scale(_ name: FunctionName, to replicas: UInt64) async throws {
        // Some providers read the namespace of the query only, some that of the body only.
        try await send(
            .change(
                .POST, "/system/scale-function/\(name.name)", [(name: "namespace", value: name.namespace)],
                body: ScaleServiceRequest(serviceName: name.name, replicas: replicas, namespace: name.namespace),
                subject: "function \(name)"))
    }
}
