import Logging

extension Ctr {
    /// See ``ContainerRuntime/start(_:)``.
    public func start(_ task: TaskSpec) async throws -> RunningTask {
        try task.check()
        let directory = try PrivateDirectory(in: settings.privateDirectory)
        defer { directory.remove() }
        let pidFile = directory.path + "/pid"
        do {
            // As a run: what it did is known only at its end.
            try await withoutCancellation {
                _ = try await client.require(
                    ["tasks", "start", "--detach", "--pid-file", pidFile] + task.outputOptions + [task.id],
                    namespace: task.namespace, about: Self.subject(task.id), request: .start,
                    environment: ["TMPDIR": directory.path], timeLimit: Self.runTimeLimit)
            }
            try Task.checkCancellation()
            return try await began(task, pidFile: pidFile)
        } catch let error as ContainersError where error.code == .notFound || error.code == .alreadyExists {
            throw error
        } catch {
            await undoStart(of: task)
            throw error
        }
    }

    private func undoStart(of task: TaskSpec) async {
        do {
            try await withoutCancellation {
                _ = try await client.removeIfPresent(
                    ["tasks", "delete", "--force", task.id], namespace: task.namespace, about: Self.subject(task.id))
            }
        } catch {
            logger.error(
                "a task that failed to start could not be removed",
                metadata: ["id": "\(task.id)", "namespace": "\(task.namespace)", "error": "\(error)"])
        }
    }

    /// See ``ContainerRuntime/end(_:namespace:grace:)``.
    public func end(_ id: String, namespace: String, grace: Duration) async throws {
        try await stop(id, namespace: namespace, grace: grace)
        _ = try await client.removeIfPresent(
            ["tasks", "delete", "--force", id], namespace: namespace, about: Self.subject(id))
    }
}
