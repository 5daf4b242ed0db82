import Foundation
import NIOHTTP1
public import OpenFaaSAPI
import Provider

extension RemoteProvider {
    /// The secrets of a namespace, without their values.
    public func secrets(namespace: String) async throws -> [Secret] {
        let secrets = try await client.read(
            [Secret]?.self,
            .get("/system/secrets", [(name: "namespace", value: namespace)], subject: "namespace \(namespace)"))
        // Whatever else a provider may say of a secret stays here.
        return (secrets ?? []).map { Secret(name: $0.name, namespace: namespace) }
    }

    /// Keeps a new secret; some providers replace one that is there.
    public func createSecret(_ name: String, namespace: String, value: [UInt8]) async throws {
        try await change(.POST, Self.secret(name, namespace, value), namespace)
    }

    /// Replaces the value of a secret; some providers keep one that was not there.
    public func updateSecret(_ name: String, namespace: String, value: [UInt8]) async throws {
        try await change(.PUT, Self.secret(name, namespace, value), namespace)
    }

    /// Removes a secret.
    public func deleteSecret(_ name: String, namespace: String) async throws {
        try await change(.DELETE, Secret(name: name, namespace: namespace), namespace)
    }

    private func change(_ method: HTTPMethod, _ secret: Secret, _ namespace: String) async throws {
        // faasd takes the namespace of a removal from the query, others from the body.
        try await client.send(
            .change(
                method, "/system/secrets", [(name: "namespace", value: namespace)], body: secret,
                subject: "secret \(secret.name)"))
    }

    /// Text goes as text, which every provider reads; `rawValue` came later.
    private static func secret(_ name: String, _ namespace: String, _ value: [UInt8]) -> Secret {
        if let text = String(validating: value, as: UTF8.self) {
            return Secret(name: name, namespace: namespace, value: text)
        }
        return Secret(name: name, namespace: namespace, rawValue: Data(value).base64EncodedString())
    }
}
