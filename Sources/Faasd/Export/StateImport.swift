import Foundation
import OpenFaaSAPI

/// What makes an instance as a document says. What the document does not speak of stays.
struct StateImport {
    /// One change, or that none is needed.
    enum Step: Equatable {
        case unchanged(String)
        case createNamespace(FunctionNamespace)
        case updateNamespace(FunctionNamespace)
        case createSecret(Secret)
        case updateSecret(Secret)
        case missingSecret(Secret)
        case deploy(FunctionDeployment)
        case update(FunctionDeployment)

        /// For people.
        var text: String {
            switch self {
            case .unchanged(let what): "unchanged \(what)"
            case .createNamespace(let namespace): "create namespace \(namespace.name)"
            case .updateNamespace(let namespace): "update namespace \(namespace.name)"
            case .createSecret(let secret): "create \(secret)"
            case .updateSecret(let secret): "update \(secret)"
            case .missingSecret(let secret):
                "cannot make \(secret): the file has no value for it; export with --secrets, or create it first"
            case .deploy(let function): "deploy function \(Self.name(function))"
            case .update(let function): "update function \(Self.name(function))"
            }
        }

        private static func name(_ function: FunctionDeployment) -> String {
            "\(function.service).\(function.namespace ?? FunctionName.defaultNamespace)"
        }
    }

    /// The steps in their order: a function needs its namespace and its secrets.
    ///
    /// - Parameters:
    ///   - wanted: what there should be.
    ///   - present: what there is.
    ///   - values: the values of secrets that are there, where they can be read.
    static func steps(
        to wanted: StateDocument, from present: StateDocument, values: (Secret) -> String? = { _ in nil }
    ) -> [Step] {
        var steps: [Step] = []
        for namespace in wanted.namespaces.map(StateClient.cleaned) {
            if let old = present.namespaces.first(where: { $0.name == namespace.name }) {
                let isSame = old == namespace || namespace.name == FunctionName.defaultNamespace
                steps.append(isSame ? .unchanged("namespace \(namespace.name)") : .updateNamespace(namespace))
            } else {
                steps.append(.createNamespace(namespace))
            }
        }
        for secret in wanted.secrets.map(named) {
            let isThere = present.secrets.map(named).contains {
                $0.name == secret.name && $0.namespace == secret.namespace
            }
            let value = secret.rawValue ?? secret.value.map { Data($0.utf8).base64EncodedString() }
            switch (isThere, value) {
            case (true, nil): steps.append(.unchanged("\(secret)"))
            case (true, let value?):
                steps.append(values(secret) == value ? .unchanged("\(secret)") : .updateSecret(secret))
            case (false, nil): steps.append(.missingSecret(secret))
            case (false, _): steps.append(.createSecret(secret))
            }
        }
        for function in wanted.functions.map(\.normalized) {
            let old = present.functions.first {
                $0.service == function.service && $0.namespace == function.namespace
            }
            if old == nil {
                steps.append(.deploy(function))
            } else if old == function {
                steps.append(.unchanged("function \(function.service).\(function.namespace ?? "")"))
            } else {
                steps.append(.update(function))
            }
        }
        return steps
    }

    private static func named(_ secret: Secret) -> Secret {
        var secret = secret
        if (secret.namespace ?? "").isEmpty { secret.namespace = FunctionName.defaultNamespace }
        return secret
    }
}

extension StateClient {
    /// Does a step.
    ///
    /// - Returns: why it was refused; `nil` when it was not.
    func perform(_ step: StateImport.Step) async throws -> String? {
        switch step {
        case .unchanged: nil
        case .createNamespace(let namespace): try await send("POST", "/system/namespace/\(namespace.name)", namespace)
        case .updateNamespace(let namespace): try await send("PUT", "/system/namespace/\(namespace.name)", namespace)
        case .createSecret(let secret): try await send("POST", "/system/secrets", secret)
        case .updateSecret(let secret): try await send("PUT", "/system/secrets", secret)
        case .missingSecret: "there is no value for it"
        case .deploy(let function): try await send("POST", "/system/functions", function)
        case .update(let function): try await send("PUT", "/system/functions", function)
        }
    }
}
