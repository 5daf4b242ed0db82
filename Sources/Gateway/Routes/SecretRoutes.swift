import Foundation
import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Provider

/// `/system/secrets` (faas-provider). A value goes in and never comes out.
struct SecretRoutes {
    let provider: any FunctionProvider

    func add(to routes: ControlRoutes) {
        routes.add("/system/secrets", [.get: list, .post: create, .put: update, .delete: delete])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        let namespace = try request.checkedNamespace(nil)
        return try JSON.response(try await provider.secrets(namespace: namespace))
    }

    @Sendable func create(_ request: Request, _ context: ControlContext) async throws -> Response {
        let (secret, namespace, value) = try await read(request)
        try await provider.createSecret(secret.name, namespace: namespace, value: value)
        return Response(status: .created)
    }

    @Sendable func update(_ request: Request, _ context: ControlContext) async throws -> Response {
        let (secret, namespace, value) = try await read(request)
        try await provider.updateSecret(secret.name, namespace: namespace, value: value)
        return Response(status: .accepted)
    }

    @Sendable func delete(_ request: Request, _ context: ControlContext) async throws -> Response {
        let secret = try await JSON.decode(Secret.self, from: request)
        try await provider.deleteSecret(secret.name, namespace: try request.checkedNamespace(secret.namespace))
        return Response(status: .accepted)
    }

    private func read(_ request: Request) async throws -> (Secret, String, [UInt8]) {
        let secret = try await JSON.decode(Secret.self, from: request)
        let namespace = try request.checkedNamespace(secret.namespace)
        guard let raw = secret.rawValue, !raw.isEmpty else {
            return (secret, namespace, Array((secret.value ?? "").utf8))
        }
        guard let bytes = Data(base64Encoded: raw) else {
            throw TextError(.badRequest, "invalid rawValue: it must be base64")
        }
        return (secret, namespace, Array(bytes))
    }
}
