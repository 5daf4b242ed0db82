import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Provider

/// `/system/functions` and `/system/function/NAME` (faas-provider).
struct FunctionRoutes {
    let provider: any FunctionProvider
    let calls: CallCounts

    func add(to routes: ControlRoutes) {
        routes.add("/system/functions", [.get: list, .post: deploy, .put: update, .delete: delete])
        routes.add("/system/function/:name", [.get: status])
        routes.add("/system/scale-function/:name", [.post: scale])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        let namespace = try request.checkedNamespace(nil)
        let counts = await calls.all()
        let functions = try await provider.list(namespace: namespace, usage: request.wantsUsage)
        return try JSON.response(functions.map { counts.add(to: $0) })
    }

    @Sendable func status(_ request: Request, _ context: ControlContext) async throws -> Response {
        let name = try Self.name(context.parameters.get("name") ?? "", namespace: request.namespace)
        guard let status = try await provider.status(of: name, usage: request.wantsUsage) else {
            throw TextError(.notFound, "function \(name) not found")
        }
        return try JSON.response(await calls.all().add(to: status))
    }

    @Sendable func deploy(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await provider.deploy(try await JSON.decode(FunctionDeployment.self, from: request))
        return Response(status: .accepted)
    }

    @Sendable func update(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await provider.update(try await JSON.decode(FunctionDeployment.self, from: request))
        return Response(status: .accepted)
    }

    @Sendable func delete(_ request: Request, _ context: ControlContext) async throws -> Response {
        let body = try await JSON.decode(DeleteFunctionRequest.self, from: request)
        // faas-cli names the namespace in the body, OpenFaaS's own UI in the query.
        try await provider.delete(try Self.name(body.functionName, namespace: body.namespace ?? request.namespace))
        return Response(status: .accepted)
    }

    @Sendable func scale(_ request: Request, _ context: ControlContext) async throws -> Response {
        let body = try await JSON.decode(ScaleServiceRequest.self, from: request)
        // Some clients name the function in the path only, some in the body only.
        let text = body.serviceName.isEmpty ? context.parameters.get("name") ?? "" : body.serviceName
        let name = try Self.name(text, namespace: body.namespace ?? request.namespace)
        try await provider.scale(name, to: body.replicas)
        return Response(status: .accepted)
    }

    /// A name with its namespace, which may be given apart or behind a dot.
    static func name(_ text: String, namespace: String?) throws -> FunctionName {
        try checked { () throws(InvalidName) in
            guard let namespace, !namespace.isEmpty else { return try FunctionName(qualified: text) }
            return try FunctionName(text, namespace: namespace)
        }
    }
}

extension Request {
    /// The query's `namespace`.
    var namespace: String? { uri.queryParameters["namespace"].map(String.init) }

    /// Whether the answer is to say what replicas use (faas-provider: `usage=1`).
    var wantsUsage: Bool { ["1", "true"].contains(uri.queryParameters["usage"].map(String.init)) }

    /// The namespace that the body names, else the query's, else the default one.
    func checkedNamespace(_ ofBody: String?) throws -> String {
        let named = ofBody.flatMap { $0.isEmpty ? nil : $0 } ?? namespace
        return try checked { () throws(InvalidName) in try FunctionName.checkedNamespace(named) }
    }
}

/// Gives a name's own sentence to the client.
func checked<Value>(_ body: () throws(InvalidName) -> Value) throws -> Value {
    do {
        return try body()
    } catch {
        throw TextError(.badRequest, "\(error)")
    }
}
