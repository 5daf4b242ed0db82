import Glibc
import Testing

@Suite struct SerializingTests {
    private func start(sh script: String, _ variables: [String: String] = [:]) throws -> RunningWatchdog {
        try RunningWatchdog(sh: script, variables.merging(["mode": "serializing"]) { given, _ in given })
    }

    @Test func answersWithTheOutputAsAWhole() throws {
        let watchdog = try start(sh: "cat; sleep 0.1; echo \" $Http_Content_Length\"", ["content_type": "text/x"])
        let answer = try watchdog.post("hello")
        #expect(answer.status == 200)
        #expect(answer.text == "hello 5\n")
        #expect(answer.header("Content-Length") == "8")
        #expect(answer.header("Content-Type") == "text/x")
        #expect(answer.header("X-Duration-Seconds")?.hasPrefix("0.") == true)
    }

    @Test func waitsForTheWholeBody() throws {
        let watchdog = try start(sh: "cat; echo \" $Http_Content_Length $Http_X_A\"")
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(!watchdog.waitForLog("Forking", within: 0.2))
        try client.send("2\r\nde\r\n0\r\n\r\n")
        #expect(try client.response().text == "abcde 5 b\n")
        try client.send("GET /_/health HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().text == "OK")
    }

    @Test func givesOnlyAReasonForAFailure() throws {
        let watchdog = try start(sh: "echo partial; exit 2")
        let answer = try watchdog.post("x")
        #expect(answer.status == 500)
        #expect(answer.text == "exit status 2\n")
        let missing = try RunningWatchdog(["no-such-command"], ["mode": "serializing"])
        #expect(try missing.post("x").text == "cannot start \"no-such-command\": no such file or directory\n")
        #expect(try missing.get("/_/health").status == 200)
    }

    @Test func keepsLargeBodiesInFiles() throws {
        let watchdog = try RunningWatchdog(["cat"], ["mode": "serializing"])
        let before = watchdog.descriptors
        let folder = try TemporaryFolder()
        let size = 200 << 20
        #expect(try Programs.run(["sh", "-c", "head -c \(size) /dev/urandom > \(folder.path)/in"]).status == 0)
        let upload = try Programs.run(
            [
                "curl", "-sS", "-T", "\(folder.path)/in", "-o", "\(folder.path)/out",
                "http://127.0.0.1:\(watchdog.port)/",
            ])
        #expect(upload.status == 0, "\(upload.output)")
        #expect(try Programs.run(["cmp", "\(folder.path)/in", "\(folder.path)/out"]).status == 0)
        #expect(watchdog.residentKiB < 16 * 1024)
        #expect(eventually { watchdog.descriptors == before })
        #expect(TemporaryFolder.names(in: watchdog.folder.path).count == 4)
    }

    @Test func boundsWhatItKeeps() throws {
        let watchdog = try start(sh: "cat /dev/zero", ["TMPDIR": "/nowhere"])
        let answer = try watchdog.get()
        #expect(answer.status == 500)
        #expect(answer.text == "output is larger than 33554432 bytes\n")
        #expect(eventually { watchdog.children.isEmpty })
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n")
        for _ in 0..<1526 where (try? client.send([UInt8](repeating: 0, count: 65536))) == nil { break }
        let refusal = try client.response()
        #expect(refusal.status == 413)
        #expect(refusal.text == "request body is larger than 33554432 bytes\n")
        #expect(watchdog.residentKiB < 16 * 1024)
    }

    @Test func endsAfterExecTimeout() throws {
        let watchdog = try start(sh: "echo x; sleep 300", ["exec_timeout": "200ms"])
        let answer = try watchdog.get()
        #expect(answer.status == 504)
        #expect(answer.text == "exec_timeout of 0.2s exceeded\n")
        #expect(eventually { watchdog.children.isEmpty })
    }

    @Test func namesTheTimesOfABodyThatDoesNotCome() throws {
        for (variable, status) in [("read_timeout", 408), ("write_timeout", 504)] {
            let watchdog = try start(sh: "cat", [variable: "200ms", "max_inflight": "1"])
            let client = try watchdog.client()
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            #expect(eventually { (try? watchdog.get("/_/ready").status) == 429 })
            let answer = try client.response()
            #expect(answer.status == status)
            #expect(answer.text == "\(variable) of 0.2s exceeded\n")
            #expect(!watchdog.log.contains("Forking"))
            #expect(try watchdog.get("/_/ready").status == 200)
        }
    }

    @Test func forgetsABodyWhoseClientHasLeft() throws {
        let watchdog = try start(sh: "cat", ["max_inflight": "1"])
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        #expect(eventually { (try? watchdog.get("/_/ready").status) == 429 })
        client.disconnect()
        #expect(eventually { (try? watchdog.get("/_/ready").status) == 200 })
        #expect(!watchdog.log.contains("Forking"))
    }
}
