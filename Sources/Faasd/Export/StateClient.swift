import CLI
import Foundation
import OpenFaaSAPI

/// Reads and writes the desired state over the daemon's API, so that it works with any gateway and needs no stop.
struct StateClient {
    /// Images may have to be fetched.
    private static let deployTimeLimit = Duration.seconds(600)

    let gateway: LocalGateway

    /// All there is, secrets without their values.
    func state() async throws -> StateDocument {
        var document = StateDocument(namespaces: [], functions: [], secrets: [])
        for name in try await get([String].self, "/system/namespaces").sorted() {
            document.namespaces.append(
                Self.cleaned(try await get(FunctionNamespace.self, "/system/namespace/\(LocalGateway.escaped(name))")))
            let query = "?namespace=\(LocalGateway.escaped(name))"
            document.functions += try await get([FunctionStatus].self, "/system/functions" + query)
                .map(FunctionDeployment.init).sorted { $0.service < $1.service }
            document.secrets += try await get([Secret].self, "/system/secrets" + query)
                .map { Secret(name: $0.name, namespace: name) }.sorted { $0.name < $1.name }
        }
        return document
    }

    /// The mark of all namespaces that hold functions is no property of one.
    static func cleaned(_ namespace: FunctionNamespace) -> FunctionNamespace {
        func without(_ values: [String: String]?) -> [String: String]? {
            let rest = (values ?? [:]).filter { $0.key != FunctionNamespace.marker }
            return rest.isEmpty ? nil : rest
        }
        return FunctionNamespace(
            name: namespace.name, labels: without(namespace.labels), annotations: without(namespace.annotations))
    }

    /// Makes a change.
    ///
    /// - Returns: why it was refused; `nil` when it was not.
    func send(_ method: String, _ path: String, _ body: some Encodable) async throws -> String? {
        let answer = try await gateway.call(
            method, path, json: [UInt8](try JSONEncoder().encode(body)), timeout: Self.deployTimeLimit)
        return (200..<300).contains(answer.status) ? nil : "\(answer.status): \(answer.text)"
    }

    private func get<Value: Decodable>(_ type: Value.Type, _ path: String) async throws -> Value {
        let answer = try await gateway.call("GET", path)
        guard answer.status == 200 else { throw InstallError("GET \(path) answers \(answer.status): \(answer.text)") }
        return try JSONDecoder().decode(type, from: Data(answer.body))
    }
}
