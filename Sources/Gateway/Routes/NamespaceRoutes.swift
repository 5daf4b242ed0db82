import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Provider

/// `/system/namespaces` and `/system/namespace/NAME` (faas-provider).
struct NamespaceRoutes {
    let provider: any FunctionProvider

    func add(to routes: ControlRoutes) {
        routes.add("/system/namespaces", [.get: list])
        // The name may be in the body alone: faas-cli creates at `/system/namespace/`.
        routes.add("/system/namespace", [.post: create])
        routes.add("/system/namespace/:name", [.get: get, .post: create, .put: update, .delete: delete])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        try JSON.response(try await provider.namespaces())
    }

    @Sendable func get(_ request: Request, _ context: ControlContext) async throws -> Response {
        try JSON.response(try await provider.namespace(try Self.name(context)))
    }

    @Sendable func create(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await provider.createNamespace(try await Self.body(request, context))
        return Response(status: .created)
    }

    @Sendable func update(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await provider.updateNamespace(try await Self.body(request, context))
        return Response(status: .accepted)
    }

    @Sendable func delete(_ request: Request, _ context: ControlContext) async throws -> Response {
        // faas-cli repeats the name in the body; what else is in it has no say.
        try await provider.deleteNamespace(try Self.name(context))
        return Response(status: .accepted)
    }

    private static func name(_ context: ControlContext) throws -> String {
        try checked { () throws(InvalidName) in
            try FunctionName.checkedNamespace(context.parameters.get("name"))
        }
    }

    private static func body(_ request: Request, _ context: ControlContext) async throws -> FunctionNamespace {
        var namespace = try await JSON.decode(FunctionNamespace.self, from: request)
        if let name = context.parameters.get("name") {
            guard namespace.name.isEmpty || namespace.name == name else {
                throw TextError(
                    .badRequest, "the namespace in the body, \"\(namespace.name.prefix(80))\", is not that of the URL")
            }
            namespace.name = name
        }
        guard !namespace.name.isEmpty else { throw TextError(.badRequest, "the field \"name\" is missing") }
        return namespace
    }
}
