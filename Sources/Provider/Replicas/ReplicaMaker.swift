import Containers
import Foundation
import Logging
import OpenFaaSAPI

/// Makes a replica of its parts, and takes it apart again: row, network namespace, address, container.
///
/// The row comes first and goes last, so that after a crash at any moment it leads to whatever was left.
struct ReplicaMaker: Sendable {
    /// Marks this instance's containers.
    static let instanceLabel = "faasd.instance"

    let configuration: ProviderConfiguration
    let machine: Machine
    let store: Store

    var secrets: SecretStore { SecretStore(directory: configuration.secretsDirectory) }
    var replicaSecrets: ReplicaSecrets { ReplicaSecrets(directory: configuration.runDirectory + "/secrets") }

    var sockets: ReplicaSockets { ReplicaSockets(path: configuration.runDirectory + "/sockets") }

    var namespaces: ContainerdNamespaces {
        ContainerdNamespaces(
            runtime: machine.runtime, images: machine.images, prefix: configuration.namespacePrefix)
    }

    /// containerd's namespace for a function namespace.
    func containerdNamespace(_ namespace: String) -> String { namespaces.name(namespace) }

    /// A row for a new replica, with a container id that is good for containerd and for a host name.
    func newRecord(of function: FunctionRecord, plan: ContainerPlan) -> ReplicaRecord {
        let suffix = String(UInt32.random(in: .min ... .max), radix: 16)
        // containerd allows single separators only.
        let name = function.name.name.split { $0 == "-" || $0 == "_" }.joined(separator: "-")
        let unique = String(repeating: "0", count: 8 - suffix.count) + suffix
        let id = "\(name)-\(unique)"
        return ReplicaRecord(
            id: id, function: function.name, generation: function.generation,
            networkNamespace: "\(configuration.instance)-\(unique)", address: nil, createdAt: Timestamp.now,
            readiness: plan.readiness)
    }

    /// Gets everything ready that a replica of the function needs: namespace, image, secrets.
    ///
    /// - Throws: ``ProviderError``; nothing was made but the pulled image.
    func prepare(_ spec: FunctionSpec, policy: PullPolicy?) async throws(ProviderError) -> ContainerPlan {
        let namespace = containerdNamespace(spec.name.namespace)
        let secrets = try secretValues(spec)
        do {
            try await namespaces.make(spec.name.namespace)
            let image = try await image(spec.image, namespace: namespace, policy: policy)
            let config = try await machine.images.config(image, namespace: namespace)
            try config.check()
            return try ContainerPlan(
                spec: spec, image: image, config: config, watchdogPath: configuration.watchdogPath,
                hostFiles: machine.hostFileMounts, secrets: secrets)
        } catch {
            throw ProviderError(error, function: spec.name)
        }
    }

    /// Sees that the image is in the function's namespace. One that is on this machine already, in the default
    /// namespace, is not pulled.
    private func image(
        _ reference: ImageReference, namespace: String, policy: PullPolicy?
    ) async throws -> ImageInfo {
        let policy = policy ?? configuration.imagePullPolicy
        let home = containerdNamespace(FunctionName.defaultNamespace)
        if policy == .ifNotPresent, namespace != home {
            if let image = try await machine.images.find(reference, namespace: namespace) { return image }
            if let image = try await machine.images.copy(reference, from: home, to: namespace) { return image }
        }
        return try await machine.images.ensure(reference, namespace: namespace, policy: policy)
    }

    /// Makes and starts a replica. After an error the caller removes what there is.
    ///
    /// - Returns: the address and the process of the replica.
    func make(_ record: ReplicaRecord, plan: ContainerPlan) async throws(ProviderError) -> (address: String, pid: Int32)
    {
        try await store.insert(record)
        do {
            let netns = try NetworkNamespace(record.networkNamespace)
            try await machine.networkNamespaces.create(
                netns, unprivilegedPortStart: plan.sandbox.mayUseLowPorts ? 0 : nil)
            let attachment = try await machine.network.attach(
                netns, containerID: record.id, allowMetadata: plan.sandbox.mayReadMetadata)
            try await store.setAddress(attachment.address, ofReplica: record.id)
            let spec = try containerSpec(record, plan: plan, networkNamespace: netns)
            let task = try await machine.runtime.run(spec)
            return (attachment.address, task.pid)
        } catch {
            // The client gets a sentence; what the called program said is for whoever keeps the machine.
            machine.logger.warning(
                "could not make a replica", metadata: ["replica": "\(record.id)", "error": "\(error)"])
            throw ProviderError(error, function: record.function)
        }
    }

    /// Stops and removes all parts of a replica; what is absent is fine.
    ///
    /// - Returns: whether everything is gone. If not, the row stays, and the next resync tries again.
    func remove(_ record: ReplicaRecord) async -> Bool {
        let namespace = containerdNamespace(record.function.namespace)
        do {
            try await machine.runtime.stop(record.id, namespace: namespace, grace: configuration.stopGrace)
            try await machine.runtime.delete(record.id, namespace: namespace)
            let netns = try NetworkNamespace(record.networkNamespace)
            try await machine.network.detach(netns, containerID: record.id)
            try await machine.networkNamespaces.delete(netns)
            try replicaSecrets.remove(forReplica: record.id)
            sockets.remove(forReplica: record)
            try await store.removeReplica(record.id)
            return true
        } catch {
            machine.logger.warning(
                "could not remove all of a replica; trying again later",
                metadata: ["replica": "\(record.id)", "error": "\(error)"])
            return false
        }
    }

    private func containerSpec(
        _ record: ReplicaRecord, plan: ContainerPlan, networkNamespace: NetworkNamespace
    ) throws -> ContainerSpec {
        let socketMounts = socketMounts(record, plan: plan)
        return ContainerSpec(
            id: record.id, namespace: containerdNamespace(record.function.namespace), image: plan.image,
            arguments: plan.arguments,
            environment: plan.environment + (socketMounts.isEmpty ? [] : [ReplicaSockets.variable]),
            mounts: plan.mounts + (try secretMounts(record, plan: plan)) + socketMounts,
            labels: [
                Self.instanceLabel: configuration.instance, "faasd.function": record.function.name,
                "faasd.generation": String(record.generation),
            ],
            networkNamespacePath: networkNamespace.path, memoryLimitBytes: plan.memoryLimitBytes, cpus: plan.cpus,
            readOnlyRootFilesystem: plan.readOnlyRootFilesystem, addCapabilities: plan.sandbox.addedCapabilities,
            logTarget: try logTarget(record), hostname: plan.hostname, pidsLimit: plan.sandbox.pidsLimit,
            openFilesLimit: plan.sandbox.openFilesLimit, seccompProfile: plan.sandbox.seccompProfile,
            memoryReservationBytes: plan.memoryReservationBytes, cpuShares: plan.cpuShares)
    }

    /// Where what the replica writes goes.
    func logTarget(_ record: ReplicaRecord) throws -> LogTarget {
        LogTarget(
            binary: machine.collector,
            options: try LogOptions(
                name: record.function.name, directory: machine.logDirectory,
                fields: [
                    "FAASD_FUNCTION": record.function.name, "FAASD_NAMESPACE": record.function.namespace,
                    "FAASD_REPLICA": record.id,
                ]))
    }

    private func socketMounts(_ record: ReplicaRecord, plan: ContainerPlan) -> [Mount] {
        guard configuration.watchdogSocket, plan.hasInjectedWatchdog, let folder = sockets.make(forReplica: record)
        else { return [] }
        return [Mount(.bind(folder), at: ReplicaSockets.destination, readOnly: false)]
    }

    private func secretMounts(_ record: ReplicaRecord, plan: ContainerPlan) throws -> [Mount] {
        guard !plan.secrets.isEmpty else { return [] }
        let folder = try replicaSecrets.make(plan.secrets, forReplica: record.id)
        return [Mount(.bind(folder), at: ContainerPlan.secretsDestination, readOnly: true)]
    }

    /// The values of the function's secrets by their names.
    private func secretValues(_ spec: FunctionSpec) throws(ProviderError) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for secret in spec.deployment.secrets ?? [] {
            values[secret] = try secrets.value(secret, namespace: spec.name.namespace)
        }
        return values
    }
}

extension ReplicaMaker {
    /// Asks containerd whether it is there.
    func checkRuntime() async throws(ProviderError) {
        do {
            _ = try await machine.runtime.version()
        } catch {
            throw ProviderError(error)
        }
    }

    /// What the task of each of this instance's containers in a function namespace is doing.
    func containers(in namespace: String) async throws -> [String: TaskState] {
        let found = try await machine.runtime.list(
            namespace: containerdNamespace(namespace), labels: [Self.instanceLabel: configuration.instance])
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.task) })
    }

    /// Removes a container of this instance that no row speaks of.
    func removeStray(_ id: String, namespace: String) async {
        let name = containerdNamespace(namespace)
        do {
            try await machine.runtime.stop(id, namespace: name, grace: configuration.stopGrace)
            try await machine.runtime.delete(id, namespace: name)
        } catch {
            machine.logger.warning(
                "could not remove a container", metadata: ["replica": "\(id)", "error": "\(error)"])
        }
    }
}
