import Logging
import Testing

@testable import Containers

/// The exact arguments of each operation, and what becomes of the answers.
@Suite struct CtrTests {
    private func ctr(_ runner: RecordingRunner) -> Ctr {
        Ctr(
            settings: CtrSettings(address: "/run/c.sock", privateDirectory: "/nonexistent"), runner: runner,
            logger: Logger(label: "test")
        ) { true }
    }

    @Test func globalOptions() async throws {
        let runner = RecordingRunner { _ in try Recorded.success("version") }
        #expect(try await ctr(runner).version().server == "1.6.20~ds1")
        #expect(runner.calls.map(\.executable) == ["ctr"])
        #expect(
            runner.calls.map(\.arguments) == [["--address", "/run/c.sock", "--connect-timeout", "5s", "version"]])
    }

    @Test func list() async throws {
        let runner = RecordingRunner { command in
            try Recorded.success(command.arguments.contains("tasks") ? "tasks-list" : "containers-list")
        }
        let list = try await ctr(runner).list(namespace: "t1", labels: ["b": "x\"y", "a": "1"])
        #expect(list.map(\.task) == [.none, .running(pid: 16652), .paused(pid: 16725), .stopped, .none])
        let requests = runner.requests.sorted { $0[0] < $1[0] }
        #expect(
            requests == [
                ["containers", "list", #"labels."a"=="1",labels."b"=="x\"y""#], ["tasks", "list"],
            ])
        #expect(runner.calls.allSatisfy { $0.arguments.contains("--namespace") && $0.arguments.contains("t1") })
    }

    @Test func inspect() async throws {
        let runner = RecordingRunner { command in
            try Recorded.success(command.arguments.contains("tasks") ? "tasks-list" : "container-info")
        }
        let details = try await ctr(runner).inspect("web-1", namespace: "t1")
        #expect(details.task == .running(pid: 16652))
        #expect(runner.requests == [["containers", "info", "web-1"], ["tasks", "list"]])
    }

    @Test func kill() async throws {
        let runner = RecordingRunner()
        try await ctr(runner).kill("a", namespace: "n", signal: 15)
        #expect(runner.requests == [["tasks", "kill", "--signal", "15", "a"]])
        await #expect(throws: ContainersError.self) { try await ctr(runner).kill("a", namespace: "n", signal: 0) }
        #expect(runner.calls.count == 1)
    }

    @Test func delete() async throws {
        let runner = RecordingRunner()
        try await ctr(runner).delete("a", namespace: "n")
        #expect(runner.requests == [["tasks", "delete", "--force", "a"], ["containers", "delete", "a"]])
    }

    @Test func deleteOfWhatIsAbsent() async throws {
        let runner = RecordingRunner { command in
            try Recorded.failure(
                command.arguments.contains("snapshots") ? "delete-snapshot-absent" : "delete-container-absent")
        }
        try await ctr(runner).delete("a", namespace: "n")
        #expect(
            runner.requests == [
                ["tasks", "delete", "--force", "a"], ["containers", "delete", "a"], ["snapshots", "delete", "a"],
            ])
    }

    @Test func stopOfWhatDoesNotRun() async throws {
        let runner = RecordingRunner { _ in try Recorded.success("tasks-list") }
        try await ctr(runner).stop("web-3", namespace: "t1", grace: .seconds(1))
        try await ctr(runner).stop("gone", namespace: "t1", grace: .seconds(1))
        #expect(runner.requests == [["tasks", "list"], ["tasks", "list"]])
    }

    @Test func namespaces() async throws {
        let runner = RecordingRunner { command in
            command.arguments.contains("create") && command.arguments.contains("t2")
                ? try Recorded.failure("namespace-exists") : CommandResult(status: .exited(0))
        }
        try await ctr(runner).createNamespace("t1", labels: ["b": "2", "a": "1"])
        try await ctr(runner).createNamespace("t2", labels: ["a": "1"])
        try await ctr(runner).removeNamespace("t1")
        #expect(
            runner.requests == [
                ["namespaces", "create", "t1", "a=1", "b=2"], ["namespaces", "create", "t2", "a=1"],
                ["namespaces", "label", "t2", "a=1"], ["namespaces", "remove", "t1"],
            ])
    }

    @Test func exec() async throws {
        let runner = RecordingRunner { _ in CommandResult(status: .exited(7), error: "oops\n") }
        let result = try await ctr(runner).exec("a", namespace: "n", ExecSpec(["/bin/x", "-v"], input: [1]))
        #expect(result.status == .exited(7))
        let request = try #require(runner.requests.first)
        #expect(Array(request.prefix(3)) == ["tasks", "exec", "--exec-id"])
        #expect(Array(request.suffix(3)) == ["a", "/bin/x", "-v"])
        #expect(runner.calls.first?.input == .bytes([1]))
    }

    @Test func execThatTakesTooLongIsEndedInside() async throws {
        let runner = RecordingRunner { command in
            guard command.arguments.contains("exec") else { return CommandResult(status: .exited(0)) }
            throw ContainersError(.timedOut, "too long")
        }
        let error = await #expect(throws: ContainersError.self) {
            try await ctr(runner).exec("a", namespace: "n", ExecSpec(["/bin/x"]))
        }
        #expect(error?.code == .timedOut)
        #expect(runner.requests.map { $0[1] } == ["exec", "kill", "delete"])
        #expect(Set(runner.requests.map { $0[3] }).count == 1)
    }

    @Test(arguments: [
        "", "-x", "a/b", "..", "a..b", "a b", "a\nb", "é", String(repeating: "a", count: 77), "a-", "a;b",
    ])
    func hostileNames(name: String) async {
        let runner = RecordingRunner()
        let ctr = ctr(runner)
        let calls: [@Sendable () async throws -> Void] = [
            { try await ctr.stop(name, namespace: "n", grace: .seconds(1)) },
            { try await ctr.stop("a", namespace: name, grace: .seconds(1)) },
            { try await ctr.kill(name, namespace: "n", signal: 9) },
            { try await ctr.kill("a", namespace: name, signal: 9) },
            { try await ctr.delete(name, namespace: "n") },
            { try await ctr.delete("a", namespace: name) },
            { _ = try await ctr.list(namespace: name) },
            { _ = try await ctr.inspect(name, namespace: "n") },
            { _ = try await ctr.inspect("a", namespace: name) },
            { _ = try await ctr.exec(name, namespace: "n", ExecSpec(["x"])) },
            { _ = try await ctr.exec("a", namespace: name, ExecSpec(["x"])) },
            { try await ctr.createNamespace(name, labels: [:]) },
            { try await ctr.removeNamespace(name) },
            { _ = try await ctr.run(ContainerSpec(id: name, namespace: "n", image: "i")) },
            { _ = try await ctr.run(ContainerSpec(id: "a", namespace: name, image: "i")) },
        ]
        for call in calls {
            let error = await #expect(throws: ContainersError.self) { try await call() }
            #expect(error?.code == .invalidArgument)
        }
        #expect(runner.calls.isEmpty)
    }

    @Test func containerdDown() async throws {
        let runner = RecordingRunner { _ in try Recorded.failure("daemon-refused") }
        let error = await #expect(throws: ContainersError.self) { try await ctr(runner).version() }
        #expect(error?.code == .unavailable)
    }
}
