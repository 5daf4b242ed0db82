import NIOHTTP1
import OpenFaaSAPI

/// A function's name, in the namespace that is meant; empty for the default one.
struct FunctionTarget: Sendable {
    let name: String
    let namespace: String

    /// `NAME`, or `NAME.NAMESPACE` where one is named.
    var qualified: String { namespace.isEmpty ? name : "\(name).\(namespace)" }
}

extension GatewayClient {
    /// All functions of a namespace, sorted by nothing.
    func functions(namespace: String) async throws -> [FunctionStatus] {
        let reply = try await call(.GET, "/system/functions", query: [("namespace", namespace)])
        guard reply.status == 200 else { throw unexpected(reply) }
        return try decode([FunctionStatus]?.self, from: reply) ?? []
    }

    /// One function, with what it uses.
    func function(_ target: FunctionTarget) async throws -> FunctionStatus {
        let reply = try await call(
            .GET, "/system/function/\(Self.escaped(target.name))",
            query: [("namespace", target.namespace), ("usage", "1")])
        guard reply.status != 404 else { throw CLIError(.notFound, "no such function: \(target.name)") }
        guard reply.status == 200 else { throw unexpected(reply) }
        return try decode(FunctionStatus.self, from: reply)
    }

    /// Deploys, or replaces what is deployed.
    ///
    /// - Returns: the gateway's answer, whatever it is.
    func deploy(_ deployment: FunctionDeployment, update: Bool) async throws -> Reply {
        try await call(update ? .PUT : .POST, "/system/functions", json: deployment)
    }

    /// Removes a function.
    func remove(_ target: FunctionTarget) async throws {
        let reply = try await call(
            .DELETE, "/system/functions",
            json: DeleteFunctionRequest(
                functionName: target.name, namespace: target.namespace.isEmpty ? nil : target.namespace))
        switch reply.status {
        case 200, 201, 202: return
        case 404: throw CLIError(.notFound, "no existing function to remove")
        default: throw unexpected(reply)
        }
    }

    /// Sets how many replicas a function has.
    func scale(_ target: FunctionTarget, to replicas: UInt64) async throws {
        let reply = try await call(
            .POST, "/system/scale-function/\(Self.escaped(target.name))",
            query: [("namespace", target.namespace)],
            json: ScaleServiceRequest(
                serviceName: target.name, replicas: replicas,
                namespace: target.namespace.isEmpty ? nil : target.namespace))
        switch reply.status {
        case 200, 201, 202: return
        case 404: throw CLIError(.notFound, "function \(target.name) not found")
        default: throw unexpected(reply)
        }
    }

    /// The names of secrets.
    func secrets(namespace: String) async throws -> [Secret] {
        let reply = try await call(.GET, "/system/secrets", query: [("namespace", namespace)])
        guard [200, 202].contains(reply.status) else { throw unexpected(reply) }
        return try decode([Secret]?.self, from: reply) ?? []
    }

    /// Makes a secret, or gives it a new value.
    ///
    /// - Returns: the gateway's answer, whatever it is.
    func write(_ secret: Secret, isNew: Bool) async throws -> Reply {
        try await call(isNew ? .POST : .PUT, "/system/secrets", json: secret)
    }

    /// Removes a secret.
    func removeSecret(_ name: String, namespace: String) async throws {
        let reply = try await call(
            .DELETE, "/system/secrets", json: Secret(name: name, namespace: namespace.isEmpty ? nil : namespace))
        switch reply.status {
        case 200, 202: return
        case 404: throw CLIError(.notFound, "unable to find secret: \(name)")
        default: throw unexpected(reply)
        }
    }

    /// The names of the namespaces.
    func namespaces() async throws -> [String] {
        let reply = try await call(.GET, "/system/namespaces")
        guard reply.status != 401 else { throw unexpected(reply) }
        guard !reply.body.isEmpty else { return [] }
        return try decode([String]?.self, from: reply) ?? []
    }

    /// Versions of gateway and provider.
    func info() async throws -> GatewayInfo {
        let reply = try await call(.GET, "/system/info", timeout: .seconds(5))
        guard reply.status == 200 else { throw unexpected(reply) }
        return try decode(GatewayInfo.self, from: reply)
    }
}
