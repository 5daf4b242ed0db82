import Glibc
import Testing

/// Functions that fail, hang, or do not care.
@Suite struct FailingCallTests {
    @Test(arguments: [
        ("exit 3", "exit status 3\n"), ("echo partial; exit 1", "exit status 1\npartial\n"),
        ("kill -9 $$", "signal: killed\n"),
    ])
    func reportsTheEnd(script: String, body: String) throws {
        let watchdog = try RunningWatchdog(sh: script)
        let answer = try wholeAnswer { try watchdog.post("x") }
        #expect(answer.status == 500)
        #expect(answer.text == body)
        #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
        #expect(answer.header("X-Openfaas-Internal") == nil)
        #expect(watchdog.waitForLog(String(body.prefix { $0 != "\n" })))
    }

    @Test func breaksAStreamOff() throws {
        let watchdog = try RunningWatchdog(sh: "head -c 100000 /dev/zero; exit 1")
        let answer = try watchdog.get()
        #expect(answer.status == 200)
        #expect(answer.body.count == 100_000)
        #expect(!answer.isComplete)
        #expect(watchdog.waitForLog("answer broken off"))
        let old = try watchdog.client()
        try old.send("GET / HTTP/1.0\r\n\r\n")
        var byte: UInt8 = 0
        var count = 1
        while count > 0 { count = recv(old.descriptor, &byte, 1, 0) }
        #expect(count < 0 && errno == ECONNRESET)
    }

    @Test func reportsACommandThatCannotStart() throws {
        let missing = try RunningWatchdog(["no-such-command"]).get()
        #expect(missing.status == 500)
        #expect(missing.text == "cannot start \"no-such-command\": no such file or directory\n")
        #expect(missing.header("X-Openfaas-Internal") == "of-watchdog")
        let watchdog = try RunningWatchdog(["/etc/passwd"])
        #expect(try watchdog.get().text == "cannot start \"/etc/passwd\": permission denied\n")
        #expect(try watchdog.get("/_/health").status == 200)
        #expect(watchdog.waitForLog("cannot start \"/etc/passwd\": permission denied"))
    }

    @Test func findsACommandThatComesLater() throws {
        let folder = try TemporaryFolder()
        let watchdog = try RunningWatchdog(["late"], ["PATH": folder.path])
        #expect(try watchdog.get().status == 500)
        #expect(symlink("/bin/true", "\(folder.path)/late") == 0)
        #expect(try watchdog.get().status == 200)
        #expect(unlink("\(folder.path)/late") == 0)
        #expect(try watchdog.get().status == 500)
    }

    @Test func refusesAnEnvironmentThatIsTooLarge() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let long = String(repeating: "x", count: 200_000)
        let answer = try watchdog.call("GET / HTTP/1.1\r\nHost: h\r\nX: \(long)\r\n\r\n")
        #expect(answer.status == 431)
        #expect(try watchdog.post("x").text == "x")
    }

    /// While another call is in flight processes are started in the background.
    @Test func reportsAProcessThatCouldNotBeStartedInTheBackground() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let busy = try watchdog.client()
        try busy.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        #expect(eventually { !watchdog.children.isEmpty })
        let before = watchdog.descriptors
        let long = String(repeating: "x", count: 200_000)
        for _ in 0..<3 {
            let answer = try watchdog.call("GET / HTTP/1.1\r\nHost: h\r\nX: \(long)\r\n\r\n")
            #expect(answer.status == 431)
            #expect(answer.text == "request head is too large for the function's environment\n")
            #expect(try watchdog.post("second").text == "second")
        }
        #expect(eventually { watchdog.descriptors <= before + 1 })
        try busy.send("end")
        #expect(try busy.response().text == "end")
    }

    @Test func leaksNothingToClientsThatDoNotStay() throws {
        let watchdog = try RunningWatchdog(sh: "read line; sleep 300 & wait")
        let before = watchdog.descriptors
        for _ in 0..<10 {
            let clients = try (0..<10).map { _ in try watchdog.client() }
            for client in clients { try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab\n") }
            for client in clients { client.disconnect() }
        }
        #expect(eventually { watchdog.children.isEmpty && watchdog.descriptors <= before + 1 })
        #expect(try watchdog.get("/_/ready").status == 200)
    }

    @Test func reportsAScriptWithoutItsInterpreter() throws {
        let folder = try TemporaryFolder()
        let file = open("\(folder.path)/script", O_CREAT | O_WRONLY | O_CLOEXEC, 0o755)
        #expect(write(file, "#!/nowhere\n", 11) == 11)
        close(file)
        let watchdog = try RunningWatchdog(["\(folder.path)/script"])
        let answer = try watchdog.get()
        #expect(answer.status == 500)
        #expect(answer.text == "cannot start \"\(folder.path)/script\": no such file or directory\n")
    }

    @Test func doesNotMindAFunctionThatReadsNothing() throws {
        let watchdog = try RunningWatchdog(sh: "echo done")
        let client = try watchdog.client()
        for _ in 0..<3 {
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n")
            try client.send([UInt8](repeating: 1, count: 200_000))
            let answer = try client.response()
            #expect(answer.status == 200)
            #expect(answer.text == "done\n")
        }
    }

    @Test func answersWhenStdinIsClosedEarly() throws {
        let watchdog = try RunningWatchdog(sh: "exec 0<&-; sleep 0.2; echo done")
        let upload = try Programs.run(
            ["sh", "-c", "head -c 20000000 /dev/zero | curl -sS -T - http://127.0.0.1:\(watchdog.port)/"])
        #expect(upload.output == "done\n")
        #expect(upload.status == 0)
    }

    @Test func leavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let watchdog = try RunningWatchdog(
            sh: """
                cd \(folder.path)
                sleep 300 & echo $! > group
                setsid sh -c 'echo $$ > daemon; exec sleep 300' &
                while [ ! -s daemon ]; do sleep 0.01; done
                echo out
                """)
        let before = watchdog.descriptors
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        // The daemon holds stdout and stderr open, which is not waited for.
        #expect(try client.response().text == "out\n")
        client.disconnect()
        let member = try #require(pid_t(folder.read("group").dropLast()))
        let daemon = try #require(pid_t(folder.read("daemon").dropLast()))
        #expect(eventually { !Programs.isAlive(member) })
        #expect(Programs.isAlive(daemon))
        #expect(eventually { watchdog.descriptors == before })
        kill(daemon, SIGKILL)
    }

    @Test func endsACallWhoseClientHasLeft() throws {
        let folder = try TemporaryFolder()
        let watchdog = try RunningWatchdog(
            sh: "sleep 300 & echo $$ $! > \(folder.path)/pids; wait")
        let before = watchdog.descriptors
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(eventually { folder.read("pids").hasSuffix("\n") })
        let pids = folder.read("pids").dropLast().split(separator: " ").compactMap { pid_t($0) }
        #expect(pids.count == 2 && pids.allSatisfy { Programs.isAlive($0) })
        client.disconnect()
        #expect(eventually { pids.allSatisfy { !Programs.isAlive($0) } })
        #expect(watchdog.waitForLog("client disconnected: call ended"))
        #expect(eventually { watchdog.descriptors == before && watchdog.children.isEmpty })
    }

    @Test func endsACallWhoseClientLeavesMidStream() throws {
        let watchdog = try RunningWatchdog(["cat", "/dev/zero"])
        let before = watchdog.descriptors
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(client.nextBytes().hasPrefix("HTTP/1.1 200 OK"))
        client.disconnect()
        #expect(eventually { watchdog.descriptors == before && watchdog.children.isEmpty })
    }

    @Test func limitsCalls() throws {
        let folder = try TemporaryFolder()
        let watchdog = try RunningWatchdog(
            sh: "echo x >> \(folder.path)/started; cat", ["max_inflight": "1"])
        let first = try watchdog.client()
        try first.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
        #expect(eventually { folder.read("started") == "x\n" })
        let second = try watchdog.get()
        #expect(second.status == 429)
        #expect(second.text == "Concurrent request limit exceeded. Max concurrent requests: 1\n")
        #expect(second.header("Content-Type") == "text/plain")
        #expect(second.header("X-Openfaas-Internal") == "faas-middleware")
        #expect(try watchdog.get("/_/ready").status == 429)
        #expect(try watchdog.get("/_/health").status == 200)
        try first.send("1")
        #expect(try first.response().text == "1")
        #expect(try watchdog.get("/_/ready").status == 200)
        #expect(try watchdog.post("again").text == "again")
    }
}
