import Glibc
import Testing

/// Worker mode, with the templates that the watchdog brings.
@Suite(.enabled(if: EchoServer.isAvailable)) struct WorkerTests {
    private static let handler = """
        import os, sys, time
        count = 0
        def handle(req):
            global count
            count += 1
            path = os.environ["Http_Path"]
            if path == "/count": return str(count)
            if path == "/pid": return str(os.getpid())
            if path == "/fail": raise ValueError("no")
            if path == "/exit": sys.stderr.write("leaving\\n"); sys.stderr.flush(); os._exit(3)
            if path == "/sleep": time.sleep(300)
            if path == "/nap": time.sleep(0.3); return "rested"
            if path == "/tuple": return "made", 201, {"X-A": "b\\r\\nX-Evil: c", "Content-Type": "text/x"}
            if path == "/none": return None
            if path == "/log": print("said"); return b"\\xff\\xfe"
            if path == "/big": return "x" * 50000000
            if path == "/junk": os.write(3, b"what is this? " * 3); time.sleep(300)
            if path == "/close": os.close(3); time.sleep(300)
            return req + " " + os.environ.get("Http_X_A", "-") + " " + os.environ.get("Http_Query", "-")
        """

    /// The watchdog with a function of its own, and where that lies.
    private func start(
        _ variables: [String: String] = [:], handler: String = handler
    ) throws -> (watchdog: RunningWatchdog, folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        let template = try Programs.templates() + "/template/python3/index.py"
        #expect(try Programs.run(["mkdir", "\(folder.path)/function"]).status == 0)
        #expect(try Programs.run(["cp", template, folder.path]).status == 0)
        let file = open("\(folder.path)/function/handler.py", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
        #expect(write(file, handler, handler.utf8.count) == handler.utf8.count)
        close(file)
        let defaults = ["mode": "worker", "worker_count": "1", "PYTHONDONTWRITEBYTECODE": "1"]
        let watchdog = try RunningWatchdog(
            ["/usr/bin/python3", "\(folder.path)/index.py"], variables.merging(defaults) { given, _ in given })
        return (watchdog, folder)
    }

    private func finish(_ folder: TemporaryFolder) throws {
        #expect(try Programs.run(["rm", "-rf", "\(folder.path)/function"]).status == 0)
    }

    @Test func answers() throws {
        let (watchdog, folder) = try start(["content_type": "text/y"])
        let answer = try watchdog.call("POST /p?q=1 HTTP/1.1\r\nHost: h\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi")
        #expect(answer.status == 200 && answer.text == "hi b q=1")
        #expect(answer.header("Content-Type") == "text/y")
        #expect(answer.header("X-Duration-Seconds")?.hasPrefix("0.") == true)
        #expect(try watchdog.post("next").text == "next - -")
        #expect(try watchdog.get("/count").text == "3")
        let tuple = try watchdog.get("/tuple")
        #expect(tuple.status == 201 && tuple.text == "made" && tuple.head.hasPrefix("HTTP/1.1 201 Created\r\n"))
        #expect(tuple.header("Content-Type") == "text/x" && tuple.header("X-Evil") == nil)
        #expect(try watchdog.get("/none").text == "")
        #expect(try watchdog.get("/log").body == [0xff, 0xfe])
        #expect(watchdog.waitForLog("stdout: said"))
        let failed = try watchdog.get("/fail")
        #expect(failed.status == 500 && failed.text == "the function has failed\n")
        #expect(watchdog.waitForLog("stderr: ValueError: no"))
        #expect(try watchdog.get("/count").text == "8")
        #expect(watchdog.waitForLog(" GET /count - 200 OK - ContentLength: 1B ("))
        try finish(folder)
    }

    @Test func movesLargeBodies() throws {
        let (watchdog, folder) = try start()
        let body = String(repeating: "0123456789", count: 3_000_000)
        #expect(try watchdog.post(body).text == body + " - -")
        #expect(try watchdog.get("/big").body.count == 50_000_000)
        let client = try watchdog.client()
        try client.send("HEAD /big HTTP/1.1\r\nHost: h\r\n\r\nGET /count HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response(toHead: true).header("Content-Length") == "50000000")
        #expect(try client.response().text == "4")
        #expect(watchdog.residentKiB < 16 * 1024)
        try finish(folder)
    }

    @Test func waitsForAFreeWorker() throws {
        let (watchdog, folder) = try start(["worker_count": "2"])
        let clients = try (0..<6).map { _ in try watchdog.client() }
        for client in clients { try client.send("GET /nap HTTP/1.1\r\nHost: h\r\n\r\n") }
        for client in clients { #expect(try client.response().text == "rested") }
        #expect(watchdog.children.count == 2)
        try finish(folder)
    }

    @Test func replacesAWorkerThatEnds() throws {
        let (watchdog, folder) = try start()
        let pid = try watchdog.get("/pid").text
        let answer = try watchdog.get("/exit")
        #expect(answer.status == 500 && answer.text == "exit status 3\n")
        #expect(watchdog.waitForLog("stderr: leaving"))
        #expect(watchdog.waitForLog("worker has ended: exit status 3"))
        #expect(try watchdog.get("/pid").text != pid)
        kill(try #require(watchdog.children.first), SIGKILL)
        #expect(watchdog.waitForLog("worker has ended: signal: killed"))
        #expect(try watchdog.get("/count").text == "1")
        try finish(folder)
    }

    @Test func endsAWorkerThatTakesTooLong() throws {
        let (watchdog, folder) = try start(["exec_timeout": "300ms"])
        let pid = try #require(pid_t(try watchdog.get("/pid").text))
        let answer = try watchdog.get("/sleep")
        #expect(answer.status == 504 && answer.text == "exec_timeout of 0.3s exceeded\n")
        #expect(answer.header("X-Openfaas-Internal") == "of-watchdog")
        #expect(eventually { !Programs.isAlive(pid) })
        #expect(try watchdog.get("/count").text == "1")
        try finish(folder)
    }

    @Test(arguments: ["/junk", "/close"])
    func endsAWorkerThatBreaksTheRules(path: String) throws {
        let (watchdog, folder) = try start()
        let pid = try #require(pid_t(try watchdog.get("/pid").text))
        let before = watchdog.descriptors
        #expect(try watchdog.get(path).status == 500)
        #expect(eventually { !Programs.isAlive(pid) })
        #expect(try watchdog.get("/count").text == "1")
        #expect(eventually { watchdog.descriptors <= before })
        try finish(folder)
    }

    @Test func goesOnAfterAClientThatLeft() throws {
        let (watchdog, folder) = try start()
        let pid = try watchdog.get("/pid").text
        let client = try watchdog.client()
        try client.send("GET /nap HTTP/1.1\r\nHost: h\r\n\r\n")
        usleep(100_000)
        client.disconnect()
        #expect(try watchdog.get("/pid").text == pid)
        try finish(folder)
    }

    @Test func saysThatNoWorkerBecomesReady() throws {
        let (watchdog, folder) = try start(handler: "import no_such_module")
        let answer = try watchdog.get()
        #expect(answer.status == 500 && answer.text == "worker ended before it was ready: see the function's log\n")
        #expect(watchdog.waitForLog("worker has ended: exit status 1"))
        #expect(try watchdog.get("/_/ready").status == 503)
        #expect(watchdog.waitForLog("ModuleNotFoundError"))
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
        try finish(folder)
    }

    @Test func isReadyWithItsFirstWorkerAndEndsWithAll() throws {
        let (watchdog, folder) = try start(["worker_count": "3"])
        #expect(eventually { (try? watchdog.get("/_/ready").status) == 200 })
        let children = watchdog.children
        #expect(children.count == 3)
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
        #expect(children.allSatisfy { !Programs.isAlive($0) })
        try finish(folder)
    }

    @Test(.enabled(if: access("/usr/bin/node", X_OK) == 0)) func runsNode() throws {
        let folder = try TemporaryFolder()
        let script = """
            mkdir \(folder.path)/function && cp \(try Programs.templates())/worker/node/index.js \(folder.path)/ &&
            cat > \(folder.path)/function/handler.js <<'END'
            module.exports = async (body, callback, request) => {
              if (request.path === '/fail') throw new Error('no')
              if (request.path === '/json') return { a: [1] }
              if (request.path === '/status') return { status: 418, headers: { 'X-A': 'b' }, body: 'tea' }
              return body.toUpperCase() + request.query
            }
            END
            """
        #expect(try Programs.run(["sh", "-c", script]).status == 0)
        let watchdog = try RunningWatchdog(
            ["/usr/bin/node", "\(folder.path)/index.js"], ["mode": "worker", "worker_count": "1"])
        #expect(try watchdog.post("abc").text == "ABC")
        #expect(try watchdog.get("/json?x").text == "{\"a\":[1]}")
        let status = try watchdog.get("/status")
        #expect(status.status == 418 && status.header("X-A") == "b" && status.text == "tea")
        #expect(try watchdog.get("/fail").status == 500)
        let body = String(repeating: "x", count: 3_000_000)
        #expect(try watchdog.post(body).body.count == 3_000_000)
        #expect(try Programs.run(["rm", "-rf", "\(folder.path)/function"]).status == 0)
    }
}
