import Containers
import OpenFaaSAPI

/// What is done to replicas that rest.
extension ReplicaMaker {
    /// How long a function has to end after SIGTERM when it is stopped: a call that comes meanwhile waits for it.
    private static let haltGrace = Duration.seconds(2)

    /// The control group of a replica's process.
    ///
    /// - Throws: ``ContainersError`` `notFound` when it has ended.
    func cgroup(of id: String, pid: Int32, function: FunctionName) throws(ContainersError) -> Cgroup {
        try Cgroup.ofTask(pid, container: id, namespace: containerdNamespace(function.namespace))
    }

    /// Ends the process of a replica. What the container is made of stays: snapshot, network, secrets, sockets.
    func halt(_ record: ReplicaRecord) async throws(ProviderError) {
        do {
            try await machine.runtime.end(
                record.id, namespace: containerdNamespace(record.function.namespace),
                grace: min(configuration.stopGrace, Self.haltGrace))
        } catch {
            throw ProviderError(error, function: record.function)
        }
    }

    /// Whether what a stopped container needs to be started is there; after a reboot it is not.
    func canStart(_ record: ReplicaRecord) -> Bool {
        guard let namespace = try? NetworkNamespace(record.networkNamespace) else { return false }
        return machine.networkNamespaces.exists(namespace)
            && machine.network.damage(of: namespace, containerID: record.id) == nil
    }

    /// Starts the container of a replica that was stopped.
    ///
    /// - Returns: its process.
    func restart(_ record: ReplicaRecord, spec: FunctionSpec) async throws(ProviderError) -> Int32 {
        guard canStart(record) else {
            throw ProviderError(.startFailed, "the network of replica \(record.id) is not there any more")
        }
        do {
            let task = TaskSpec(
                id: record.id, namespace: containerdNamespace(record.function.namespace),
                logTarget: try logTarget(record), hostname: ContainerPlan.hostname(of: spec.name),
                pidsLimit: spec.sandbox.pidsLimit, openFilesLimit: spec.sandbox.openFilesLimit,
                memoryReservationBytes: spec.memoryRequestBytes)
            return try await machine.runtime.start(task).pid
        } catch {
            throw ProviderError(error, function: record.function)
        }
    }
}
