import Glibc
import Testing

@Suite struct TimeoutTests {
    @Test func endsTheWholeGroupAfterExecTimeout() throws {
        let folder = try TemporaryFolder()
        let watchdog = try RunningWatchdog(
            sh: "sleep 300 & echo $$ $! > \(folder.path)/pids; wait", ["exec_timeout": "300ms"])
        let answer = try watchdog.get()
        #expect(answer.status == 504)
        #expect(answer.text == "exec_timeout of 0.3s exceeded\n")
        #expect(answer.header("X-Openfaas-Internal") == "of-watchdog")
        let pids = folder.read("pids").dropLast().split(separator: " ").compactMap { pid_t($0) }
        #expect(pids.count == 2)
        #expect(eventually { pids.allSatisfy { !Programs.isAlive($0) } })
        #expect(watchdog.waitForLog("exec_timeout of 0.3s exceeded: process ended"))
    }

    @Test func killsWhatIgnoresSIGTERM() throws {
        let watchdog = try RunningWatchdog(
            sh: "trap '' TERM; while :; do sleep 1; done", ["exec_timeout": "100ms", "max_inflight": "1"])
        #expect(try watchdog.get().status == 504)
        // It still runs, and so it counts.
        #expect(try watchdog.get().status == 429)
        #expect(watchdog.waitForLog("ignores SIGTERM: killed"))
        #expect(eventually { watchdog.children.isEmpty })
        #expect(watchdog.waitForLog("signal: killed"))
        #expect(eventually { (try? watchdog.get("/_/ready").status) == 200 })
    }

    @Test func breaksAStreamOffAfterExecTimeout() throws {
        let watchdog = try RunningWatchdog(sh: "echo out; sleep 300", ["exec_timeout": "300ms"])
        let answer = try watchdog.get()
        #expect(answer.status == 200)
        #expect(answer.text == "out\n")
        #expect(!answer.isComplete)
    }

    @Test func leavesTheConnectionUsableAfterATimeout() throws {
        let watchdog = try RunningWatchdog(sh: "test \"$Http_Path\" = /fast || sleep 300", ["exec_timeout": "200ms"])
        let client = try watchdog.client()
        try client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().status == 504)
        #expect(try client.response().status == 200)
    }

    @Test func namesWriteTimeout() throws {
        let watchdog = try RunningWatchdog(sh: "sleep 300", ["write_timeout": "200ms"])
        let answer = try watchdog.get()
        #expect(answer.status == 504)
        #expect(answer.text == "write_timeout of 0.2s exceeded\n")
        #expect(eventually { watchdog.children.isEmpty })
    }

    @Test func prefersExecTimeoutToAnEqualWriteTimeout() throws {
        let watchdog = try RunningWatchdog(sh: "sleep 300", ["write_timeout": "200ms", "exec_timeout": "200ms"])
        #expect(try watchdog.get().text == "exec_timeout of 0.2s exceeded\n")
    }

    @Test func closesOnAClientThatDoesNotRead() throws {
        let watchdog = try RunningWatchdog(["cat", "/dev/zero"], ["write_timeout": "300ms"])
        let before = watchdog.descriptors
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(watchdog.waitForLog("write_timeout of 0.3s exceeded"))
        #expect(eventually { watchdog.children.isEmpty })
        #expect(eventually { watchdog.descriptors == before })
        #expect(client.descriptor >= 0)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"])
    func namesReadTimeout(request: String) throws {
        let watchdog = try RunningWatchdog(["wc", "-c"], ["read_timeout": "200ms"])
        let client = try watchdog.client()
        try client.send(request)
        let answer = try client.response()
        #expect(answer.status == 408)
        #expect(answer.text == "read_timeout of 0.2s exceeded\n")
        #expect(answer.header("Connection") == "close")
        #expect(client.isClosedByPeer)
        #expect(eventually { watchdog.children.isEmpty })
    }

    @Test func doesNotBlameTheClientForASlowFunction() throws {
        let watchdog = try RunningWatchdog(sh: "sleep 1; wc -c", ["read_timeout": "200ms"])
        let upload = try Programs.run(
            ["sh", "-c", "head -c 3000000 /dev/zero | curl -sS -T - http://127.0.0.1:\(watchdog.port)/"])
        #expect(upload.output == "3000000\n")
    }

    @Test func closesAConnectionThatSaysNothing() throws {
        let watchdog = try RunningWatchdog(["cat"], ["read_timeout": "200ms"])
        #expect(try watchdog.client().isClosedByPeer)
    }
}
