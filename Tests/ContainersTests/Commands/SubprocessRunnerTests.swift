import Glibc
import Testing

@testable import Containers

/// Real programs: what is asserted here is what the operating system does.
@Suite struct SubprocessRunnerTests {
    private let runner = SubprocessRunner()

    @Test func argumentsAreNotInterpreted() async throws {
        let result = try await runner.run(Command("printf", ["%s|", "a b", "$HOME", "*", "; ls", ""]))
        #expect(result.succeeded)
        #expect(result.outputText == "a b|$HOME|*|; ls||")
    }

    @Test func statusAndStreamsAreData() async throws {
        let result = try await runner.run(Command("/bin/sh", ["-c", "echo out; echo err >&2; exit 7"]))
        #expect(result == CommandResult(status: .exited(7), output: Array("out\n".utf8), error: "err\n"))
        let killed = try await runner.run(Command("/bin/sh", ["-c", "kill -9 $$"]))
        #expect(killed.status == .signalled(9))
    }

    @Test func inputAndEnvironment() async throws {
        var command = Command("/bin/sh", ["-c", "cat; printf %s \"$X\""], environment: ["X": "1 2"])
        command.input = .bytes([UInt8](repeating: 65, count: 300_000))
        let result = try await runner.run(command)
        #expect(result.output.count == 300_003)
        #expect(result.outputText.hasSuffix("A1 2"))
    }

    @Test func aProgramThatDoesNotReadItsInput() async throws {
        // Whether the pipe breaks first or the program ends first is the machine's choice; so there are many.
        for _ in 0..<20 {
            var command = Command("/bin/true")
            command.input = .bytes([UInt8](repeating: 65, count: 1 << 20))
            #expect(try await runner.run(command).succeeded)
        }
    }

    @Test func largeOutputOnBothStreams() async throws {
        let script = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"
        let result = try await runner.run(Command("/bin/sh", ["-c", script], errorLimit: 100))
        #expect(result.output.count == 3_000_000)
        #expect(result.error.utf8.count == 100)
    }

    @Test func outputOverTheLimit() async throws {
        let command = Command("/bin/sh", ["-c", "cat /dev/zero"], output: .collected(limit: 1000))
        let error = await #expect(throws: ContainersError.self) { try await runner.run(command) }
        #expect(error?.code == .internalError)
        #expect(error?.message == "sh wrote more than 1000 bytes")
    }

    @Test func outputOverTheLimitWithInputThatNobodyReads() async throws {
        var command = Command("/bin/sh", ["-c", "cat /dev/zero; sleep 1000"], output: .collected(limit: 1000))
        command.input = .bytes([UInt8](repeating: 65, count: 1 << 20))
        let error = await #expect(throws: ContainersError.self) { try await runner.run(command) }
        #expect(error?.code == .internalError)
    }

    @Test func discardedOutput() async throws {
        let result = try await runner.run(
            Command("/bin/sh", ["-c", "head -c 3000000 /dev/zero; exit 3"], output: .discarded))
        #expect(result == CommandResult(status: .exited(3)))
    }

    @Test func noSuchProgram() async throws {
        for name in ["no-such-program-here", "/no/such/program"] {
            let error = await #expect(throws: ContainersError.self) { try await runner.run(Command(name)) }
            #expect(error?.code == .internalError)
        }
    }

    /// The program and its child both ignore SIGTERM; both must be gone afterwards.
    @Test func timeLimitEndsTheWholeGroup() async throws {
        try await TemporaryDirectory.with { directory in
            let script = "trap '' TERM; (trap '' TERM; echo $$ > leader; exec sleep 1000) & echo $! > child; wait"
            let command = Command(
                "/bin/sh", ["-c", "cd \(directory.path); \(script)"], timeLimit: .milliseconds(300))
            let error = await #expect(throws: ContainersError.self) { try await runner.run(command) }
            #expect(error?.code == .timedOut)
            for name in ["leader", "child"] {
                let pid = try #require(directory.text(name).flatMap { Int32($0.dropLast()) })
                // The leader is gone by now; the kernel may take a moment more for its child.
                #expect(try await ProcessWatch(pid: pid, procRoot: "/proc").waitForEnd(.seconds(5)))
            }
        }
    }

    @Test func aProgramThatObeysIsNotKilled() async throws {
        try await TemporaryDirectory.with { directory in
            let script = "trap 'echo bye > \(directory.path)/bye; exit 0' TERM; while :; do sleep 0.01; done"
            await #expect(throws: ContainersError.self) {
                try await runner.run(Command("/bin/sh", ["-c", script], timeLimit: .milliseconds(300)))
            }
            #expect(directory.text("bye") == "bye\n")
        }
    }

    @Test func cancellationEndsTheProgram() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path + "/pid"
            let task = Task {
                try await runner.run(
                    Command("/bin/sh", ["-c", "echo $$ > \(path).new; mv \(path).new \(path); exec sleep 1000"]))
            }
            let pid = try await eventually { directory.text("pid").flatMap { Int32($0.dropLast()) } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ProcessWatch(pid: pid, procRoot: "/proc").hasEnded)
        }
    }

    /// A program may leave a child behind that keeps its pipes open; that must not hold up the result.
    @Test func aChildThatKeepsThePipesOpen() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await runner.run(Command("/bin/sh", ["-c", "sleep 30 & echo $!"]))
        #expect(start.duration(to: clock.now) < .seconds(20))
        let pid = try #require(Int32(result.outputText.dropLast()))
        Glibc.kill(pid, SIGKILL)
    }

    @Test func aLineTypedAtATerminal() async throws {
        var command = Command("/bin/sh", ["-c", "test -t 0 && read -r line && printf %s \"$line\""])
        command.input = .terminalLine("pass word:$x")
        #expect(try await runner.run(command).outputText == "pass word:$x")
        command.input = .terminalLine("a\nb")
        await #expect(throws: ContainersError.self) { try await runner.run(command) }
    }

    @Test func descriptorsAreNotLeaked() async throws {
        _ = try await runner.run(Command("/bin/true"))
        let before = DirectoryContents.names(in: "/proc/self/fd").count
        for _ in 0..<20 {
            var command = Command("/bin/sh", ["-c", "read -r line; echo x"])
            command.input = .terminalLine("x")
            _ = try await runner.run(command)
        }
        // Other tests run beside this one, so the count may differ a little.
        #expect(DirectoryContents.names(in: "/proc/self/fd").count < before + 20)
    }

    @Test func linesAsTheyCome() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            try await runner.forEachLine(of: Command("/bin/sh", ["-c", "echo a; echo b c; exec sleep 1000"])) {
                continuation.yield($0)
            }
        }
        var lines: [String] = []
        for await line in stream {
            lines.append(line)
            if lines.count == 2 { break }
        }
        #expect(lines == ["a", "b c"])
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func linesEndWithTheProgram() async throws {
        let result = try await runner.forEachLine(of: Command("/bin/sh", ["-c", "echo a; exit 4"])) { _ in }
        #expect(result.status == .exited(4))
    }
}
