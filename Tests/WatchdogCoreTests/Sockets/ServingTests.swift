import Glibc
import Testing

/// What a client gets from a function that does its work.
@Suite struct ServingTests {
    @Test func answersWithTheOutputAsAWhole() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let answer = try wholeAnswer { try watchdog.post("hello") }
        #expect(answer.status == 200)
        #expect(answer.text == "hello")
        #expect(answer.header("Content-Length") == "5")
        #expect(answer.header("Content-Type") == "application/octet-stream")
        #expect(answer.header("X-Duration-Seconds") != nil)
        #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
        #expect(watchdog.waitForLog(" Forking fprocess."))
        #expect(watchdog.waitForLog(" Wrote 5 Bytes - Duration: 0."))
    }

    @Test func answersNothingWithNothing() throws {
        let watchdog = try RunningWatchdog(["true"])
        let answer = try watchdog.get()
        #expect(answer.status == 200)
        #expect(answer.header("Content-Length") == "0")
    }

    @Test func keepsTheConnectionAndTheOrder() throws {
        let watchdog = try RunningWatchdog(sh: "cat; echo \" $Http_Path\"")
        let client = try watchdog.client()
        var requests = ""
        for number in 0..<20 {
            let body = "body\(number)"
            requests += "POST /\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        try client.send(requests)
        for number in 0..<20 {
            let answer = try client.response()
            #expect(answer.status == 200)
            #expect(answer.text == "body\(number) /\(number)\n")
        }
    }

    @Test func decodesChunks() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        try client.send("4;x=y\r\ndefg\r\n0\r\nT: x\r\n\r\n")
        #expect(try client.response().text == "abcdefg")
        try client.send("GET /_/health HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().text == "OK")
    }

    @Test func sendsOutputWhenItComes() throws {
        let watchdog = try RunningWatchdog(sh: "echo first; read line; echo \"second $line\"")
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        var first = client.nextBytes()
        while !first.contains("first\n") {
            let piece = client.nextBytes()
            try #require(!piece.isEmpty, "\(first)")
            first += piece
        }
        #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(first.contains("Transfer-Encoding: chunked\r\n"))
        #expect(!first.contains("X-Duration-Seconds"))
        try client.send("3\r\nyes\r\n0\r\n\r\n")
        #expect(String(decoding: untilEnd(client), as: UTF8.self).hasSuffix("b\r\nsecond yes\n\r\n0\r\n\r\n"))
    }

    private func untilEnd(_ client: HTTPClient) -> [UInt8] {
        var bytes = ""
        while !bytes.hasSuffix("0\r\n\r\n") {
            let more = client.nextBytes()
            guard !more.isEmpty else { break }
            bytes += more
        }
        return Array(bytes.utf8)
    }

    @Test func streamsBothWays() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let folder = try TemporaryFolder()
        let size = 64 << 20
        #expect(try Programs.run(["sh", "-c", "head -c \(size) /dev/urandom > \(folder.path)/in"]).status == 0)
        for extra in [[], ["-H", "Transfer-Encoding: chunked"]] {
            let upload = try Programs.run(
                ["curl", "-sS", "-T", "\(folder.path)/in", "-o", "\(folder.path)/out"] + extra
                    + ["http://127.0.0.1:\(watchdog.port)/"])
            #expect(upload.status == 0, "\(upload.output)")
            #expect(try Programs.run(["cmp", "\(folder.path)/in", "\(folder.path)/out"]).status == 0)
        }
        #expect(watchdog.waitForLog("Wrote \(size) Bytes"))
        #expect(watchdog.residentKiB < 16 * 1024)
    }

    @Test func keepsBackPressureOnALargeOutput() throws {
        let watchdog = try RunningWatchdog(["head", "-c", "1000000000", "/dev/zero"])
        let download = try Programs.run(
            ["sh", "-c", "curl -sS --limit-rate 2G http://127.0.0.1:\(watchdog.port)/ | wc -c"])
        #expect(download.output.split(separator: "\n").first == "1000000000")
        #expect(watchdog.residentKiB < 16 * 1024)
    }

    @Test func servesManyAtOnce() throws {
        let watchdog = try RunningWatchdog(sh: "cat; sleep 0.3")
        let before = watchdog.descriptors
        let clients = try (0..<100).map { _ in try watchdog.client() }
        for (number, client) in clients.enumerated() {
            let body = "number \(number)"
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        for (number, client) in clients.enumerated() {
            #expect(try client.response().text == "number \(number)")
            client.disconnect()
        }
        // Calls at the same time bring the descriptor of those who start processes.
        #expect(eventually { watchdog.descriptors <= before + 1 })
        #expect(watchdog.children.isEmpty)
    }

    @Test func tellsTheFunctionOfTheRequest() throws {
        let watchdog = try RunningWatchdog(["env"], ["fprocess": "env", "DEPLOYED": "with a = b"])
        let answer = try watchdog.call(
            "VERB /a/b?testing=1 HTTP/1.1\r\nHost: h\r\nX-Call-Id: 7\r\nProxy: evil\r\n\r\n")
        let lines = answer.text.split(separator: "\n")
        let expected: [Substring] = [
            "Http_Method=VERB", "Http_Query=testing=1", "Http_Path=/a/b", "Http_X_Call_Id=7", "DEPLOYED=with a = b",
        ]
        for line in expected {
            #expect(lines.contains(line), "\(line) is missing")
        }
        #expect(!answer.text.contains("evil"))
        let plain = try RunningWatchdog(["env"], ["cgi_headers": "false"])
        #expect(!(try plain.get().text.contains("Http_")))
    }

    @Test func givesTheFunctionThreeDescriptors() throws {
        let folder = try TemporaryFolder()
        let extra = try folder.open("extra")
        defer { close(extra) }
        _ = fcntl(extra, F_SETFD, 0)
        let watchdog = try RunningWatchdog(["ls", "-l", "/proc/self/fd"])
        let answer = try watchdog.post("x")
        #expect(answer.text.contains(" 2 -> pipe:"))
        #expect(!answer.text.contains(" -> \(folder.path)"))
        // The fourth is the directory that is listed.
        #expect(answer.text.split(separator: "\n").filter { $0.contains(" -> ") }.count == 4)
    }

    @Test func answersHeadWithoutABody() throws {
        let watchdog = try RunningWatchdog(sh: "echo hello")
        let head = try wholeAnswer {
            let client = try watchdog.client()
            try client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let head = try client.response(toHead: true)
            #expect(try client.response().text == "hello\n")
            return head
        }
        #expect(head.header("Content-Length") == "6")
        let endless = try RunningWatchdog(["head", "-c", "1000000", "/dev/zero"])
        let other = try endless.client()
        try other.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /_/health HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try other.response(toHead: true).header("Transfer-Encoding") == "chunked")
        #expect(try other.response().text == "OK")
    }

    @Test func servesOldClients() throws {
        let watchdog = try RunningWatchdog(sh: "head -c 200000 /dev/zero")
        let client = try watchdog.client()
        try client.send("GET / HTTP/1.0\r\n\r\n")
        let answer = try client.response()
        #expect(answer.header("Transfer-Encoding") == nil)
        #expect(answer.header("Connection") == "close")
        #expect(answer.body.count == 200_000)
    }

    @Test func asksForTheBody() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.nextBytes() == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send("ok")
        #expect(try client.response().text == "ok")
    }

    @Test func listensOnAUnixSocketToo() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/function.sock"
        for _ in 0..<2 {
            let watchdog = try RunningWatchdog(["cat"], ["faasd_unix_socket": path])
            let client = try HTTPClient(unixPath: path)
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nunix")
            #expect(try client.response().text == "unix")
            #expect(try watchdog.post("tcp").text == "tcp")
            // The second round finds the socket of a watchdog that was killed.
            watchdog.signal(SIGKILL)
            _ = watchdog.exit()
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test func doesWithoutAUnixSocketThatCannotBe() throws {
        let watchdog = try RunningWatchdog(["cat"], ["faasd_unix_socket": "/nowhere/f.sock"])
        #expect(watchdog.log.contains("cannot listen on /nowhere/f.sock: no such file or directory"))
        #expect(try watchdog.post("x").text == "x")
    }
}
