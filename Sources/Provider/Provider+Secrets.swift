import Logging
public import OpenFaaSAPI

extension Provider {
    /// The secrets of a namespace, without their values.
    ///
    /// - Throws: ``ProviderError``.
    public func secrets(namespace: String) async throws -> [Secret] {
        try await requireNamespace(namespace)
        return try maker.secrets.list(namespace: namespace).map { Secret(name: $0, namespace: namespace) }
    }

    /// Keeps a new secret.
    ///
    /// - Throws: ``ProviderError``; `alreadyExists` tells `faas-cli` to `PUT` instead.
    public func createSecret(_ name: String, namespace: String, value: [UInt8]) async throws {
        try SecretRule.check(name)
        try await requireNamespace(namespace)
        guard !maker.secrets.contains(name, namespace: namespace) else {
            throw ProviderError(.alreadyExists, "secret \(name) already exists; use PUT to replace its value")
        }
        try maker.secrets.write(value, name: name, namespace: namespace)
    }

    /// Replaces the value of a secret, also in the functions that run with it.
    ///
    /// - Throws: ``ProviderError``.
    public func updateSecret(_ name: String, namespace: String, value: [UInt8]) async throws {
        try SecretRule.check(name)
        guard maker.secrets.contains(name, namespace: namespace) else {
            throw ProviderError(.notFound, "unable to find secret: \(name)")
        }
        try maker.secrets.write(value, name: name, namespace: namespace)
        for function in users(ofSecret: name, namespace: namespace) {
            for replica in functions[function]?.replicas.keys.sorted() ?? [] {
                try maker.replicaSecrets.update(name, value: value, ofReplica: replica)
            }
        }
    }

    /// Gives a replica of an earlier run the values that hold: the run may have ended between the store and it.
    func renewSecrets(ofReplica id: String, of name: FunctionName) {
        for secret in functions[name]?.accepted?.spec.deployment.secrets ?? [] {
            do {
                let value = try maker.secrets.value(secret, namespace: name.namespace)
                try maker.replicaSecrets.update(secret, value: value, ofReplica: id)
            } catch {
                logger.warning(
                    "could not renew a secret",
                    metadata: ["replica": "\(id)", "secret": "\(secret)", "error": "\(error)"])
            }
        }
    }

    /// Removes a secret that no function uses.
    ///
    /// - Throws: ``ProviderError``; `alreadyExists` names the functions that use it.
    public func deleteSecret(_ name: String, namespace: String) async throws {
        try SecretRule.check(name)
        guard maker.secrets.contains(name, namespace: namespace) else {
            throw ProviderError(.notFound, "unable to find secret: \(name)")
        }
        let users = users(ofSecret: name, namespace: namespace)
        guard users.isEmpty else {
            throw ProviderError(
                .inUse,
                "secret \(name) is used by \(users.map(\.name).joined(separator: ", ")); "
                    + "remove it from these functions first")
        }
        try maker.secrets.remove(name, namespace: namespace)
    }

    private func users(ofSecret name: String, namespace: String) -> [FunctionName] {
        functions.filter { function, state in
            function.namespace == namespace && (state.accepted?.spec.deployment.secrets ?? []).contains(name)
        }.keys.sorted { $0.name < $1.name }
    }
}
