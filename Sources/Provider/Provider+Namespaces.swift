import Containers
import Logging
public import OpenFaaSAPI

extension Provider {
    /// The namespaces that functions can be deployed to; the default one first.
    ///
    /// They are those made through the API, and containerd's which carry the label `openfaas`.
    ///
    /// - Throws: ``ProviderError`` with code `runtimeUnavailable`.
    public func namespaces() async throws -> [String] {
        let others = Set(try await maker.namespaces.ofFunctions().keys).union(namespaceRecords.keys)
            .subtracting([FunctionName.defaultNamespace])
        return [FunctionName.defaultNamespace] + others.sorted()
    }

    /// One namespace.
    ///
    /// - Throws: ``ProviderError`` `notFound`.
    public func namespace(_ name: String) async throws -> FunctionNamespace {
        if let record = namespaceRecords[name] { return record.shown }
        if let labels = try await maker.namespaces.ofFunctions()[name] {
            return FunctionNamespace(name: name, labels: labels)
        }
        guard name == FunctionName.defaultNamespace else { throw Self.noNamespace(name) }
        return FunctionNamespace(name: name, labels: [FunctionNamespace.marker: "1"])
    }

    /// Makes a namespace.
    ///
    /// - Throws: ``ProviderError``; `alreadyExists` when there is one, also one of containerd's that is no
    ///   function namespace.
    public func createNamespace(_ namespace: FunctionNamespace) async throws {
        let record = try NamespaceRecord(validating: namespace)
        try await inLane(.namespace(record.name)) {
            let existing = try await self.maker.namespaces.all()[record.name]
            let isKnown = await self.namespaceRecords[record.name] != nil
            if isKnown || record.name == FunctionName.defaultNamespace
                || existing.map(ContainerdNamespaces.holdsFunctions) == true
            {
                throw ProviderError(.alreadyExists, "namespace \(record.name) already exists")
            }
            guard existing == nil else {
                throw ProviderError(
                    .alreadyExists,
                    "containerd has a namespace \(record.name) that is not for functions; choose another name, or "
                        + "give it the label \(FunctionNamespace.marker)=1 with `ctr namespaces label`")
            }
            try await self.maker.namespaces.make(record.name)
            try await self.keep(record)
        }
    }

    /// Replaces labels and annotations of a namespace.
    ///
    /// - Throws: ``ProviderError``.
    public func updateNamespace(_ namespace: FunctionNamespace) async throws {
        let record = try NamespaceRecord(validating: namespace)
        try await inLane(.namespace(record.name)) {
            _ = try await self.namespace(record.name)
            try await self.keep(record)
        }
    }

    /// Removes a namespace that holds no function and no secret, with the images that were pulled for it.
    ///
    /// - Throws: ``ProviderError``; `inUse` names what it still holds.
    public func deleteNamespace(_ name: String) async throws {
        guard name != FunctionName.defaultNamespace else {
            throw ProviderError(.invalid, "the namespace \(name) is the default one and cannot be removed")
        }
        try await inLane(.namespace(name)) {
            _ = try await self.namespace(name)
            try await self.requireEmpty(name)
            try await self.maker.namespaces.remove(name)
            try await self.store.removeNamespace(name)
            LogSweeper.sweep(
                directory: self.maker.machine.logDirectory, namespace: self.maker.containerdNamespace(name), keeping: []
            )
            await self.forgetNamespace(name)
        }
    }

    /// Sees that functions can be deployed to a namespace; the default one needs no look, as it is made on demand.
    func requireNamespace(_ namespace: String) async throws {
        guard namespace != FunctionName.defaultNamespace, namespaceRecords[namespace] == nil else { return }
        guard try await maker.namespaces.ofFunctions()[namespace] != nil else {
            throw ProviderError(.invalid, "namespace \"\(namespace)\" not found; create it first")
        }
    }

    private func keep(_ record: NamespaceRecord) async throws {
        try await store.save(record)
        namespaceRecords[record.name] = record
        logger.info("kept namespace", metadata: ["namespace": "\(record.name)"])
    }

    private func forgetNamespace(_ name: String) {
        namespaceRecords[name] = nil
        logger.info("removed namespace", metadata: ["namespace": "\(name)"])
    }

    private func requireEmpty(_ namespace: String) throws {
        let held = functions.keys.filter { $0.namespace == namespace }.map(\.name).sorted()
        guard held.isEmpty else {
            throw ProviderError(
                .inUse,
                "namespace \(namespace) still holds the functions \(held.prefix(10).joined(separator: ", ")); "
                    + "remove them first")
        }
        let secrets = try maker.secrets.list(namespace: namespace)
        guard secrets.isEmpty else {
            throw ProviderError(
                .inUse,
                "namespace \(namespace) still holds the secrets \(secrets.prefix(10).joined(separator: ", ")); "
                    + "remove them first")
        }
    }

    private static func noNamespace(_ name: String) -> ProviderError {
        ProviderError(.notFound, "namespace \(name) not found")
    }
}
