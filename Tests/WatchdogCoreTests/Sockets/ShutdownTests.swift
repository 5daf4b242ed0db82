import Glibc
import Testing
import WatchdogCore

/// From SIGTERM to the end, and what PID 1 owes its container.
@Suite struct ShutdownTests {
    @Test func leavesAtOnceWhenIdle() throws {
        let watchdog = try RunningWatchdog(["cat"])
        #expect(access("\(watchdog.folder.path)/.lock", F_OK) == 0)
        let idle = try watchdog.client()
        try idle.send("GET /_/health HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try idle.response().status == 200)
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
        #expect(idle.isClosedByPeer)
        #expect(access("\(watchdog.folder.path)/.lock", F_OK) != 0)
        #expect(watchdog.log.contains("SIGTERM: no new connections in 0s"))
        #expect(watchdog.log.contains("No new connections allowed, draining: 0 requests"))
        #expect(watchdog.log.contains("Exiting. Active connections: 0"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func letsCallsInFlightEnd(number: Int32) throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        #expect(watchdog.waitForLog("Forking"))
        watchdog.signal(number)
        #expect(watchdog.waitForLog("draining: 1 requests"))
        #expect(throws: (any Error).self) { try watchdog.client() }
        try client.send("cd")
        #expect(try client.response().text == "abcd")
        client.disconnect()
        #expect(watchdog.exit() == 0)
    }

    @Test func endsTheDrainAfterWriteTimeout() throws {
        let watchdog = try RunningWatchdog(
            sh: "trap '' TERM; while :; do sleep 1; done", ["write_timeout": "400ms", "exec_timeout": "0"])
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(eventually { !watchdog.children.isEmpty })
        let children = watchdog.children
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
        #expect(eventually { children.allSatisfy { !Programs.isAlive($0) } })
    }

    @Test func pausesAndThenLeaves() throws {
        let watchdog = try RunningWatchdog(["cat"], ["healthcheck_interval": "500ms"])
        watchdog.signal(SIGTERM)
        #expect(watchdog.waitForLog("SIGTERM: no new connections in 0.5s"))
        #expect(try watchdog.get("/_/health").status == 503)
        #expect(try watchdog.get("/_/ready").status == 503)
        #expect(try watchdog.post("still here").text == "still here")
        #expect(watchdog.exit() == 0)
    }

    @Test func leavesAtTheSecondSignal() throws {
        let watchdog = try RunningWatchdog(sh: "sleep 300")
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(eventually { !watchdog.children.isEmpty })
        let children = watchdog.children
        watchdog.signal(SIGTERM)
        #expect(watchdog.waitForLog("draining: 1 requests"))
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 1)
        #expect(eventually { children.allSatisfy { !Programs.isAlive($0) } })
    }

    @Test func doesWithoutALockFile() throws {
        let watchdog = try RunningWatchdog(["cat"], ["TMPDIR": "/nowhere"])
        #expect(watchdog.waitForLog("cannot write the lock file: no such file or directory, going on without"))
        #expect(try watchdog.get("/_/health").text == "OK")
        let silent = try RunningWatchdog(["cat"], ["suppress_lock": "true"])
        #expect(try silent.get("/_/health").text == "OK")
        #expect(access("\(silent.folder.path)/.lock", F_OK) != 0)
    }

    @Test func probesItself() throws {
        let binary = try Programs.watchdog()
        let folder = try TemporaryFolder()
        let nowhere = ["TMPDIR": folder.path, "port": "1"]
        let missing = try Programs.run([binary, "-run-healthcheck"], environment: nowhere)
        #expect(missing.status == 1)
        #expect(missing.output == "unable to find lock file.\n")
        let locked = try RunningWatchdog(["cat"])
        let lock = ["TMPDIR": locked.folder.path]
        #expect(try Programs.run([binary, "-run-healthcheck"], environment: lock).status == 0)
        let unlocked = try RunningWatchdog(["cat"], ["suppress_lock": "true"])
        let variables = ["TMPDIR": folder.path, "port": "\(unlocked.port)"]
        #expect(try Programs.run([binary, "-run-healthcheck"], environment: variables).status == 0)
    }

    @Test func saysWhyItCannotStart() throws {
        let binary = try Programs.watchdog()
        let nothing = try Programs.run([binary])
        #expect(nothing.status == 1)
        #expect(nothing.output.contains("no function to run: set fprocess, or give a command"))
        let first = try RunningWatchdog(["cat"])
        let second = try Programs.run([binary, "cat"], environment: ["port": "\(first.port)", "suppress_lock": "1"])
        #expect(second.status == 1)
        #expect(second.output.contains("cannot listen on port \(first.port): address already in use"))
        #expect(try Programs.run([binary, "-version"]).output.hasPrefix("Version: "))
    }

    /// In a PID namespace of its own, as in a container. Needs root.
    @Test(.enabled(if: getuid() == 0)) func reapsOrphansAsPID1() throws {
        let watchdog = try RunningWatchdog(
            ["sh", "-c", "(setsid sleep 0.1 &) ; (setsid sleep 0.1 &) ; ps -eo pid,stat,args"], [:],
            wrapper: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"])
        let answer = try watchdog.get()
        #expect(answer.text.split(separator: "\n").contains { $0.hasPrefix("      1 ") && $0.contains("fwatchdog") })
        #expect(
            eventually {
                let text = (try? watchdog.get().text) ?? "Z"
                return !text.contains(" Z ") && !text.contains("defunct")
            })
        let inner = try #require(watchdog.children.first)
        #expect(eventually { (readFile("/proc/\(inner)/task/\(inner)/children") ?? "x").isEmpty })
        kill(inner, SIGTERM)
        #expect(watchdog.exit() == 0)
    }
}
