import Glibc
import Logging

extension Ctr {
    /// The label that marks which call made a container.
    static let tokenLabel = "containers.run-token"
    /// Making and starting takes about 0.1 s; a machine under load, or a large image to unpack, takes longer.
    static let runTimeLimit: Duration = .seconds(120)

    /// See ``ContainerRuntime/run(_:)``.
    public func run(_ spec: ContainerSpec) async throws -> RunningTask {
        try spec.check()
        let directory = try PrivateDirectory(in: settings.privateDirectory)
        defer { directory.remove() }
        let token = "\(UInt64.random(in: 0 ... .max))"
        let call = CtrRunArguments(
            spec: spec, tokenLabel: (Self.tokenLabel, token), environmentFile: directory.path + "/env",
            pidFile: directory.path + "/pid", seccompFile: directory.path + "/seccomp",
            snapshotterOptions: client.snapshotterOptions)
        try SmallFile.write(call.environmentFileText, to: call.environmentFile, mode: 0o600, before: .absent)
        if let profile = spec.seccompProfile {
            try SmallFile.write(profile.json(), to: call.seccompFile, mode: 0o600, before: .absent)
        }
        do {
            // `ctr run` is not ended half way when the caller is cancelled: it takes a moment, and what it did is known
            // only at its end.
            try await withoutCancellation {
                _ = try await client.require(
                    call.arguments, namespace: spec.namespace, about: Self.subject(spec.id), request: .run,
                    environment: ["TMPDIR": directory.path], timeLimit: Self.runTimeLimit)
            }
            try Task.checkCancellation()
            return try await began(spec.task, pidFile: call.pidFile)
        } catch {
            if Self.mayHaveMade(error) { await undo(spec, token: token) }
            throw Self.named(error, spec)
        }
    }

    /// Finds the process of a task that was started, and sets its limits.
    func began(_ task: TaskSpec, pidFile: String) async throws -> RunningTask {
        guard let pid = SmallFile.read(pidFile).flatMap({ Int32($0) }), pid > 0 else {
            throw ContainersError(.internalError, "containerd gave no process id for \(Self.subject(task.id))")
        }
        try await TaskLimits(task).apply(to: pid, settings: settings, runner: client.runner)
        return RunningTask(id: task.id, namespace: task.namespace, pid: pid)
    }

    /// Two refusals come before anything is made.
    private static func mayHaveMade(_ error: any Error) -> Bool {
        guard let error = error as? ContainersError else { return true }
        return error.code != .alreadyExists && error.code != .imageNotFound
    }

    private static func named(_ error: any Error, _ spec: ContainerSpec) -> any Error {
        guard let error = error as? ContainersError, error.code == .imageNotFound else { return error }
        return ContainersError(
            .imageNotFound, "there is no image \"\(spec.image)\" in namespace \"\(spec.namespace)\"",
            details: error.details)
    }

    /// Removes what a failed call made: only a container that carries the call's own token.
    private func undo(_ spec: ContainerSpec, token: String) async {
        do {
            try await withoutCancellation {
                do {
                    let info = try await info(spec.id, namespace: spec.namespace)
                    guard info.labels?[Self.tokenLabel] == token else { return }
                } catch let error as ContainersError where error.code == .notFound {
                    // The snapshot is made before the container's record, and may be there alone.
                }
                try await delete(spec.id, namespace: spec.namespace)
            }
        } catch {
            logger.error(
                "a container that failed to start could not be removed",
                metadata: ["id": "\(spec.id)", "namespace": "\(spec.namespace)", "error": "\(error)"])
        }
    }

    /// See ``ContainerRuntime/delete(_:namespace:)``.
    public func delete(_ id: String, namespace: String) async throws {
        try check(id, namespace)
        let subject = Self.subject(id)
        _ = try await client.removeIfPresent(
            ["tasks", "delete", "--force", id], namespace: namespace, about: subject)
        let removed = try await client.removeIfPresent(
            ["containers", "delete", id], namespace: namespace, about: subject)
        // A container takes its snapshot with it; only a snapshot left alone is removed by itself.
        if !removed {
            _ = try await client.removeIfPresent(
                ["snapshots"] + client.snapshotterOptions + ["delete", id], namespace: namespace,
                about: "snapshot \"\(id)\"")
        }
    }
}
