import Glibc
import Logging
import Testing

@testable import Containers

@Suite struct CtrRunTests {
    private func ctr(_ runner: any CommandRunner, in directory: TemporaryDirectory) -> Ctr {
        Ctr(
            settings: CtrSettings(privateDirectory: directory.path + "/private"), runner: runner,
            logger: Logger(label: "test")
        ) { true }
    }

    /// Answers as `ctr run` does: with the pid in the file it was told.
    @Sendable private static func started(_ command: Command) throws -> CommandResult {
        if let option = command.arguments.firstIndex(of: "--pid-file") {
            try SmallFile.write("4711", to: command.arguments[option + 1])
        }
        return CommandResult(status: .exited(0))
    }

    @Test func smallest() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner(Self.started)
            let task = try await ctr(runner, in: directory).run(
                ContainerSpec(id: "a", namespace: "n", image: "docker.io/library/x:1"))
            #expect(task == RunningTask(id: "a", namespace: "n", pid: 4711))
            var request = try #require(runner.requests.first)
            #expect(runner.requests.count == 1)
            #expect(Array(request.suffix(4)) == ["--seccomp", "--null-io", "docker.io/library/x:1", "a"])
            request.removeLast(4)
            #expect(Array(request.prefix(3)) == ["run", "--detach", "--pid-file"])
            for name in CtrRunArguments.defaultCapabilities { #expect(request.contains(name)) }
            #expect(directory.names("private").isEmpty)
        }
    }

    @Test func everything() throws {
        let spec = ContainerSpec(
            id: "a", namespace: "n", image: "i:1", arguments: ["/x", "--rm", "a b"],
            environment: [.init("A", "1,2"), .init("NL", "one\ntwo"), .init("#", "h")],
            mounts: [
                Mount(.bind("/src"), at: "/dst", readOnly: true), Mount(.bind("/a,b\"c"), at: "/x=y:z"),
                Mount(.tmpfs(sizeBytes: 1024), at: "/tmp"),
            ],
            labels: ["b": "x=y", "a": "1,2"], networkNamespacePath: "/run/netns/x", memoryLimitBytes: 64 << 20,
            cpus: 0.5, readOnlyRootFilesystem: true, addCapabilities: ["CAP_NET_BIND_SERVICE", "CAP_SYS_TIME"],
            logTarget: LogTarget(
                binary: "/usr/bin/a b", options: try LogOptions(name: "fn", directory: "/logs", fields: ["F": "v,=%"])),
            workingDirectory: "/w")
        try spec.check()
        let call = CtrRunArguments(
            spec: spec, tokenLabel: ("token", "7"), environmentFile: "/p/env", pidFile: "/p/pid",
            seccompFile: "/p/seccomp", snapshotterOptions: ["--snapshotter", "native"])
        #expect(call.environmentFileText == "A=1,2\n")
        let dropped = CtrRunArguments.defaultCapabilities.filter { $0 != "CAP_NET_BIND_SERVICE" }
        let uri =
            "binary:///usr/bin/a%20b?collect=name%3Dfn%2Cdirectory%3D/logs%2Cjournal%3D1%2Cbytes%3D4194304%2Cfiles%3D3"
            + "%2Ccontainers%3D20%2Cfield.F%3Dv%252C%253D%2525"
        #expect(
            call.arguments == [
                "run", "--detach", "--pid-file", "/p/pid", "--snapshotter", "native", "--env-file", "/p/env", "--env",
                "NL=one\ntwo", "--env", "#=h", "--label", "a=1,2", "--label", "b=x=y", "--label", "token=7", "--mount",
                "type=bind,src=/src,dst=/dst,options=rbind:nosuid:nodev:ro", "--mount",
                #"type=bind,"src=/a,b""c",dst=/x=y:z,options=rbind:nosuid:nodev:rw"#, "--mount",
                "type=tmpfs,src=tmpfs,dst=/tmp,options=nosuid:nodev:mode=1777:size=1024", "--memory-limit", "67108864",
                "--cpus", "0.500", "--cap-add", "CAP_SYS_TIME",
            ] + dropped.flatMap { ["--cap-drop", $0] } + [
                "--seccomp", "--read-only", "--with-ns", "network:/run/netns/x", "--cwd", "/w", "--log-uri", uri, "i:1",
                "a", "/x", "--rm", "a b",
            ])
    }

    @Test func aSeccompProfileIsInAFileOfTheCall() async throws {
        try await TemporaryDirectory.with { directory in
            let seen = Shared<(text: String?, mode: UInt32)>((nil, 0))
            let runner = RecordingRunner { command in
                let option = try #require(command.arguments.firstIndex(of: "--seccomp-profile"))
                #expect(command.arguments[option - 1] == "--seccomp")
                let path = command.arguments[option + 1]
                seen.change { $0 = (SmallFile.read(path), Self.mode(path)) }
                return try Self.started(command)
            }
            let profile = try SeccompProfile(json: #"{"defaultAction":"SCMP_ACT_ERRNO"}"#)
            _ = try await ctr(runner, in: directory).run(
                ContainerSpec(id: "a", namespace: "n", image: "i", seccompProfile: profile))
            #expect(seen.current.text == #"{"defaultAction":"SCMP_ACT_ERRNO"}"#)
            #expect(seen.current.mode == 0o600)
            #expect(directory.names("private").isEmpty)
        }
    }

    @Test func secretsAreInAPrivateFileAndNotInArguments() async throws {
        try await TemporaryDirectory.with { directory in
            let seen = Shared<(text: String?, mode: UInt32)>((nil, 0))
            let runner = RecordingRunner { command in
                let option = try #require(command.arguments.firstIndex(of: "--env-file"))
                let path = command.arguments[option + 1]
                seen.change { $0 = (SmallFile.read(path), Self.mode(path)) }
                return try Self.started(command)
            }
            _ = try await ctr(runner, in: directory).run(
                ContainerSpec(id: "a", namespace: "n", image: "i", environment: [.init("KEY", "s3cret")]))
            #expect(seen.current.text == "KEY=s3cret\n")
            #expect(seen.current.mode == 0o600)
            #expect(Self.mode(directory.path + "/private") == 0o700)
            #expect(!runner.calls.contains { $0.arguments.contains { $0.contains("s3cret") } })
            #expect(!"\(runner.calls)".contains("KEY"))
        }
    }

    @Test func textFormsShowNoValue() {
        let spec = ContainerSpec(
            id: "a", namespace: "n", image: "i", environment: [.init("KEY", "s3cret")])
        #expect(!"\(spec)".contains("s3cret"))
        #expect(!String(reflecting: spec).contains("s3cret"))
        var dumped = ""
        dump(spec, to: &dumped)
        #expect(dumped.contains("KEY"))
        #expect(!dumped.contains("s3cret"))
    }

    /// Each way to fail, and what is undone after it.
    @Test(arguments: [
        ("run-name-taken", ContainersError.Code.alreadyExists, false),
        ("run-image-missing", .imageNotFound, false), ("run-no-program", .startFailed, true),
        ("run-no-netns", .startFailed, true), ("daemon-refused", .unavailable, true),
    ])
    func failure(recording: String, code: ContainersError.Code, undoes: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let token = Shared("")
            let runner = RecordingRunner { command in
                if command.arguments.contains("run") {
                    token.change { $0 = Self.token(command) }
                    return try Recorded.failure(recording)
                }
                return command.arguments.contains("info")
                    ? Self.info(token: token.current) : CommandResult(status: .exited(0))
            }
            let error = await #expect(throws: ContainersError.self) {
                try await ctr(runner, in: directory).run(ContainerSpec(id: "a", namespace: "n", image: "i"))
            }
            #expect(error?.code == code)
            let undoing = [
                ["containers", "info", "a"], ["tasks", "delete", "--force", "a"], ["containers", "delete", "a"],
            ]
            #expect(Array(runner.requests.dropFirst()) == (undoes ? undoing : []))
            #expect(directory.names("private").isEmpty)
        }
    }

    @Test func anothersContainerIsNotUndone() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                guard !command.arguments.contains("run") else { throw ContainersError(.timedOut, "too long") }
                return Self.info(token: "another")
            }
            await #expect(throws: ContainersError.self) {
                try await ctr(runner, in: directory).run(ContainerSpec(id: "a", namespace: "n", image: "i"))
            }
            #expect(Array(runner.requests.dropFirst()) == [["containers", "info", "a"]])
        }
    }

    @Test func cancellationIsUndoneToo() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                guard !command.arguments.contains("run") else { throw CancellationError() }
                return try Recorded.failure("info-absent")
            }
            await #expect(throws: CancellationError.self) {
                try await ctr(runner, in: directory).run(ContainerSpec(id: "a", namespace: "n", image: "i"))
            }
            #expect(runner.requests.last == ["snapshots", "delete", "a"])
        }
    }

    private static func token(_ command: Command) -> String {
        let prefix = Ctr.tokenLabel + "="
        return command.arguments.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } ?? ""
    }

    private static func info(token: String) -> CommandResult {
        let text = #"{"ID":"a","Labels":{"\#(Ctr.tokenLabel)":"\#(token)"}}"#
        return CommandResult(status: .exited(0), output: Array(text.utf8))
    }

    private static func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}
