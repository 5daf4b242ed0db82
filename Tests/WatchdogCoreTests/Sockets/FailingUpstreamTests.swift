import Glibc
import Testing

/// http mode with a function that fails, or is late.
@Suite(.enabled(if: EchoServer.isAvailable)) struct FailingUpstreamTests {
    @Test func waitsForAFunctionThatIsAboutToListen() throws {
        let watchdog = try EchoServer.watchdog(delay: 0.7)
        #expect(try watchdog.get("/_/ready").status == 503)
        #expect(try watchdog.get("/_/health").status == 200)
        #expect(try watchdog.get("/plain").text == "ok")
        #expect(try watchdog.get("/_/ready").status == 200)
    }

    @Test func answersForAFunctionThatDoesNotListen() throws {
        let port = try EchoServer.freePort()
        let variables = ["mode": "http", "upstream_url": "http://127.0.0.1:\(port)", "exec_timeout": "300ms"]
        let asleep = try RunningWatchdog(["sleep", "300"], variables)
        let answer = try asleep.get()
        #expect(answer.status == 504)
        #expect(answer.text == "exec_timeout of 0.3s exceeded\n")
        let gone = try RunningWatchdog(["true"], variables)
        #expect(gone.waitForLog("Forked function has terminated: exit status 0"))
        let refused = try gone.get()
        #expect(refused.status == 500)
        #expect(refused.text == "cannot reach the function: connection refused\n")
        #expect(refused.header("X-Openfaas-Internal") == "of-watchdog")
        #expect(refused.header("X-Duration-Seconds") != nil)
        #expect(try gone.get("/_/health").status == 200)
        #expect(try gone.get("/_/ready").status == 503)
    }

    @Test(arguments: [
        ("/bye", "no answer from the function: connection closed\n"),
        ("/junk", "answer of the function cannot be used: it is not HTTP\n"),
        ("/both", "answer of the function cannot be used: it is not HTTP\n"),
        ("/huge", "answer of the function cannot be used: its head is too large\n"),
    ])
    func saysWhyThereIsNoAnswer(path: String, text: String) throws {
        let watchdog = try EchoServer.watchdog()
        #expect(try watchdog.get("/plain").status == 200)
        let client = try watchdog.client()
        try client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\nGET /plain HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try client.response()
        #expect(answer.status == 500)
        #expect(answer.text == text)
        #expect(try client.response().text == "ok")
    }

    @Test(arguments: ["/cut", "/cutchunks"])
    func breaksOffWhatTheFunctionBreaksOff(path: String) throws {
        let watchdog = try EchoServer.watchdog()
        let answer = try watchdog.get(path)
        #expect(answer.status == 200 && !answer.isComplete)
        #expect(watchdog.waitForLog("answer of the function ends early"))
    }

    @Test func endsWhatTakesTooLong() throws {
        let watchdog = try EchoServer.watchdog(["exec_timeout": "400ms", "max_inflight": "1"])
        let late = try watchdog.get("/sleep")
        #expect(late.status == 504)
        #expect(late.text == "exec_timeout of 0.4s exceeded\n")
        #expect(late.header("X-Openfaas-Internal") == "of-watchdog")
        #expect(late.header("X-Duration-Seconds")?.hasPrefix("0.4") == true)
        #expect(try !watchdog.get("/halfslow").isComplete)
        let short = try watchdog.call("GET /sleep HTTP/1.1\r\nHost: h\r\nX-Timeout: 100ms\r\n\r\n")
        #expect(short.text == "exec_timeout of 0.1s exceeded\n")
        #expect(try watchdog.get("/plain").text == "ok")
    }

    @Test func dropsACallWhoseClientHasLeft() throws {
        let watchdog = try EchoServer.watchdog(["max_inflight": "1"])
        #expect(try watchdog.get("/plain").text == "ok")
        let client = try watchdog.client()
        try client.send("GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(eventually { (try? watchdog.get("/plain").status) == 429 })
        client.disconnect()
        #expect(eventually { (try? watchdog.get("/plain").status) == 200 })
    }

    @Test func doesNotMindAFunctionThatReadsNoBody() throws {
        let watchdog = try EchoServer.watchdog()
        let upload = try Programs.run(
            [
                "sh", "-c",
                "head -c 20000000 /dev/zero 2>/dev/null | curl -sS -T - -o /dev/null -w '%{http_code}' "
                    + "http://127.0.0.1:\(watchdog.port)/ignore",
            ])
        #expect(upload.output.hasSuffix("413") || upload.output.hasSuffix("500"), "\(upload.output)")
        #expect(try watchdog.get("/plain").text == "ok")
    }

    @Test func leavesWithItsFunction() throws {
        let watchdog = try EchoServer.watchdog()
        #expect(try watchdog.get("/plain").status == 200)
        let other = try watchdog.client()
        try other.send("GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try watchdog.get("/exit")
        #expect(answer.status == 500)
        #expect(watchdog.exit() == 1)
        #expect(try other.response().status == 500)
        #expect(watchdog.log.contains("Forked function has terminated: exit status 3"))
        let killed = try EchoServer.watchdog()
        #expect(try killed.get("/plain").status == 200)
        kill(try #require(killed.children.first), SIGKILL)
        #expect(killed.exit() == 1)
        #expect(killed.log.contains("Forked function has terminated: signal: killed"))
    }

    @Test func drainsBeforeItEndsTheFunction() throws {
        let watchdog = try EchoServer.watchdog()
        let client = try watchdog.client()
        try client.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(client.nextBytes().contains("200 OK"))
        let child = try #require(watchdog.children.first)
        watchdog.signal(SIGTERM)
        var rest = ""
        while !rest.hasSuffix("0\r\n\r\n") {
            let piece = client.nextBytes()
            guard !piece.isEmpty else { break }
            rest += piece
        }
        #expect(rest.hasSuffix("data: 2\n\n\r\n0\r\n\r\n"))
        client.disconnect()
        #expect(watchdog.exit() == 0)
        #expect(!Programs.isAlive(child))
    }

    @Test func doesNotStartWithoutItsFunction() throws {
        let binary = try Programs.watchdog()
        func output(_ variables: [String: String], _ command: String = "true") throws -> String {
            let outcome = try Programs.run([binary, command], environment: variables.merging(["port": "0"]) { $1 })
            #expect(outcome.status == 1)
            return outcome.output
        }
        #expect(try output(["mode": "http"]).contains("mode http needs upstream_url"))
        let url = "http://127.0.0.1:1"
        #expect(
            try output(["mode": "http", "upstream_url": url], "no-such-command").contains(
                "cannot start \"no-such-command\": no such file or directory"))
        #expect(
            try output(["mode": "http", "upstream_url": "http://example.com"]).contains(
                "upstream_url \"http://example.com\" cannot be used: give http://127.0.0.1:PORT or unix:///PATH"))
        #expect(try output(["jwt_auth": "true"]).contains("jwt_auth is not supported"))
    }
}
