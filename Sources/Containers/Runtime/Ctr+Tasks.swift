import Glibc

extension Ctr {
    /// See ``ContainerRuntime/stop(_:namespace:grace:)``.
    public func stop(_ id: String, namespace: String, grace: Duration) async throws {
        try check(id, namespace)
        guard let state = try await taskStates(namespace: namespace)[id], let pid = state.pid else { return }
        let watch = ProcessWatch(pid: pid, procRoot: settings.procRoot)
        if grace > .zero {
            guard try await signalIfRunning(id, namespace: namespace, signal: SIGTERM) else { return }
            if case .paused = state { try await resume(id, namespace: namespace) }
            thaw(pid)
            if try await watch.waitForEnd(grace) { return }
        }
        guard try await signalIfRunning(id, namespace: namespace, signal: SIGKILL) else { return }
        if case .paused = state { try await resume(id, namespace: namespace) }
        thaw(pid)
        guard try await watch.waitForEnd(Self.killTimeLimit) else {
            throw ContainersError(.timedOut, "\(Self.subject(id)) did not end within \(Self.killTimeLimit) of SIGKILL")
        }
    }

    /// See ``ContainerRuntime/kill(_:namespace:signal:)``.
    public func kill(_ id: String, namespace: String, signal: Int32) async throws {
        try check(id, namespace)
        guard (1...64).contains(signal) else {
            throw ContainersError(.invalidArgument, "there is no signal \(signal)")
        }
        _ = try await client.require(
            ["tasks", "kill", "--signal", String(signal), id], namespace: namespace, about: Self.subject(id))
    }

    private func signalIfRunning(_ id: String, namespace: String, signal: Int32) async throws -> Bool {
        do {
            try await kill(id, namespace: namespace, signal: signal)
            return true
        } catch let error as ContainersError where error.code == .notFound {
            return false
        }
    }

    private func resume(_ id: String, namespace: String) async throws {
        _ = try await client.ask(["tasks", "resume", id], namespace: namespace)
    }

    /// A task frozen through its cgroup, past containerd, takes a signal only when it is thawed.
    private func thaw(_ pid: Int32) {
        let cgroup = try? Cgroup.locate(pid: pid, procRoot: settings.procRoot, cgroupRoot: settings.cgroupRoot)
        try? cgroup?.thaw()
    }

    /// See ``ContainerRuntime/exec(_:namespace:_:)``.
    public func exec(_ id: String, namespace: String, _ program: ExecSpec) async throws -> CommandResult {
        try check(id, namespace)
        guard let first = program.arguments.first, !first.isEmpty, !first.hasPrefix("-"),
            !program.arguments.contains(where: { $0.utf8.contains(0) })
        else {
            throw ContainersError(.invalidArgument, "the command line must name a program and have no NUL")
        }
        if let path = program.workingDirectory {
            try RuntimeNames.checkAbsolutePath(path, field: "working directory")
        }
        let execID = "exec-\(UInt64.random(in: 0 ... .max))"
        // Pipes that ctr leaves behind when it is killed.
        let pipes = try PrivateDirectory(in: settings.privateDirectory)
        defer { pipes.remove() }
        let directory = program.workingDirectory.map { ["--cwd", $0] } ?? []
        var command = client.command(
            ["tasks", "exec", "--exec-id", execID, "--fifo-dir", pipes.path] + directory + [id] + program.arguments,
            namespace: namespace)
        command.timeLimit = program.timeLimit
        command.output = .collected(limit: program.outputLimit)
        if !program.input.isEmpty { command.input = .bytes(program.input) }
        do {
            let result = try await execPlaces.run { [command] in try await client.run(command) }
            try Self.checkStarted(result, id: id, program: first)
            return result
        } catch {
            if !((error as? ContainersError).map { $0.code == .startFailed || $0.code == .notFound } ?? false) {
                await endProgram(execID, of: id, namespace: namespace)
            }
            throw error
        }
    }

    /// `ctr` passes on the program's exit code, and uses 1 for its own failures.
    private static func checkStarted(_ result: CommandResult, id: String, program: String) throws {
        guard result.status == .exited(1), result.error.hasPrefix("ctr: ") else { return }
        let failure = CtrFailure(result: result, request: .exec)
        guard failure.code != .internalError else { return }
        throw failure.error(about: failure.code == .startFailed ? "program \"\(program)\"" : subject(id))
    }

    /// When `ctr` is ended, the program it started goes on in the container; this ends it.
    private func endProgram(_ execID: String, of id: String, namespace: String) async {
        _ = try? await withoutCancellation {
            _ = try await client.ask(
                ["tasks", "kill", "--exec-id", execID, "--signal", String(SIGKILL), id], namespace: namespace)
            _ = try await client.ask(["tasks", "delete", "--exec-id", execID, id], namespace: namespace)
        }
    }
}
