import Glibc
import Testing

/// Functions as they should not be: each gets an answer and a line in the log, and leaves nothing behind, however often.
@Suite struct BadFunctionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var script = ""
        var command: [String]?
        var variables: [String: String] = [:]
        var body = "hello"
        let status: Int
        let text: String
        let log: String
        var calls = 12
    }

    private static let cases = [
        Case(
            testDescription: "never reads", script: "echo x", body: big, status: 200, text: "x\n",
            log: "Wrote 2 Bytes"),
        Case(
            testDescription: "closes stdin", script: "exec 0<&-; echo x", body: big, status: 200, text: "x\n",
            log: "Wrote 2 Bytes"),
        Case(testDescription: "writes nothing", script: "cat >/dev/null", status: 200, text: "", log: "Wrote 0 Bytes"),
        Case(testDescription: "exits at once", command: ["true"], status: 200, text: "", log: "Wrote 0 Bytes"),
        Case(
            testDescription: "fails at once", command: ["false"], status: 500, text: "exit status 1\n",
            log: "exit status 1"),
        Case(
            testDescription: "closes everything", script: "exec 0<&- 1<&- 2<&-; exit 4", status: 500,
            text: "exit status 4\n", log: "exit status 4"),
        Case(
            testDescription: "leaves children", script: "sleep 300 & sleep 300 & echo x", status: 200, text: "x\n",
            log: "Wrote 2 Bytes"),
        Case(
            testDescription: "leaves orphans", script: "(sleep 300 &) ; (sleep 300 &) ; echo x", status: 200,
            text: "x\n", log: "Wrote 2 Bytes"),
        Case(
            testDescription: "ignores SIGTERM", script: "trap '' TERM; while :; do sleep 0.1; done",
            variables: ["exec_timeout": "100ms"], status: 504, text: "exec_timeout of 0.1s exceeded\n",
            log: "ignores SIGTERM: killed", calls: 2),
        Case(
            testDescription: "is missing", command: ["/no/such/command"], status: 500,
            text: "cannot start \"/no/such/command\": no such file or directory\n",
            log: "cannot start \"/no/such/command\": no such file or directory"),
        Case(
            testDescription: "is not executable", command: ["/etc/passwd"], status: 500,
            text: "cannot start \"/etc/passwd\": permission denied\n",
            log: "cannot start \"/etc/passwd\": permission denied"),
        Case(
            testDescription: "is a folder", command: ["/etc"], status: 500,
            text: "cannot start \"/etc\": permission denied\n", log: "cannot start \"/etc\": permission denied"),
    ]

    private static let big = String(repeating: "x", count: 100_000)

    @Test(arguments: cases, ["streaming", "serializing"])
    func isAnsweredAndLeavesNothing(bad: Case, mode: String) throws {
        let variables = bad.variables.merging(["mode": mode]) { $1 }
        let watchdog = try RunningWatchdog(bad.command ?? ["sh", "-c", bad.script], variables)
        // The first call brings what is kept for later ones.
        _ = try watchdog.post(bad.body)
        let before = (descriptors: watchdog.descriptors, memory: watchdog.anonymousKiB)
        for _ in 0..<bad.calls {
            let answer = try wholeAnswer { try watchdog.post(bad.body) }
            #expect(answer.status == bad.status)
            #expect(answer.text == bad.text)
        }
        #expect(watchdog.waitForLog(bad.log))
        #expect(eventually { watchdog.children.isEmpty && watchdog.descriptors <= before.descriptors })
        #expect(watchdog.anonymousKiB - before.memory < 512)
        #expect(try watchdog.get("/_/health").status == 200)
    }

    @Test func servesAGigabyteInConstantMemory() throws {
        let watchdog = try RunningWatchdog(["head", "-c", "1000000000", "/dev/zero"])
        let before = watchdog.descriptors
        for _ in 0..<2 {
            let download = try Programs.run(["sh", "-c", "curl -sS http://127.0.0.1:\(watchdog.port)/ | wc -c"])
            #expect(download.output.hasPrefix("1000000000"))
            #expect(watchdog.residentKiB < 16 * 1024)
        }
        #expect(watchdog.waitForLog("Wrote 1000000000 Bytes"))
        #expect(eventually { watchdog.children.isEmpty && watchdog.descriptors == before })
    }

    @Test func doesNotStandStillForWorkersThatEndAtOnce() throws {
        let watchdog = try RunningWatchdog(["false"], ["mode": "worker", "worker_count": "2"])
        let before = watchdog.descriptors
        #expect(watchdog.waitForLog("worker has ended: exit status 1"))
        #expect(try watchdog.get("/_/ready").status == 503)
        #expect(try watchdog.post("x").text == "worker ended before it was ready: see the function's log\n")
        #expect(eventually { watchdog.children.isEmpty && watchdog.descriptors <= before })
    }
}
