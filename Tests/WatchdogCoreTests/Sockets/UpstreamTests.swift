import Glibc
import Testing

/// http mode, with a server in Python behind it.
@Suite(.enabled(if: EchoServer.isAvailable)) struct UpstreamTests {
    @Test func passesARequestAndItsAnswerOn() throws {
        let watchdog = try EchoServer.watchdog()
        let answer = try watchdog.call(
            "PATCH /a%20b?x=%201 HTTP/1.1\r\nHost: h:1\r\nX-A: b\r\nConnection: keep-alive, X-Hop\r\nX-Hop: evil\r\n"
                + "Keep-Alive: evil\r\nTE: evil\r\nProxy-Connection: evil\r\nContent-Length: 4\r\n\r\nbody")
        #expect(answer.status == 200)
        #expect(answer.text == "PATCH /a%20b?x=%201 HTTP/1.1\r\nHost: h:1\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody")
        #expect(answer.header("Content-Type") == "text/echo")
        #expect(answer.header("X-Duration-Seconds")?.hasPrefix("0.") == true)
        #expect(answer.header("Date") != nil)
        #expect(watchdog.waitForLog("stdout: upstream listens"))
        #expect(watchdog.waitForLog(" PATCH /a%20b?x=%201 - 200 OK - ContentLength: "))
        let chunked = try watchdog.call(
            "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        #expect(chunked.text == "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nabcde")
        #expect(try watchdog.call("POST / HTTP/1.1\r\nHost: h\r\n\r\n").text.contains("\r\nContent-Length: 0\r\n"))
        #expect(try watchdog.get().text == "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    }

    @Test func relaysAllKindsOfAnswers() throws {
        let watchdog = try EchoServer.watchdog()
        let client = try watchdog.client()
        func get(_ path: String, method: String = "GET") throws -> HTTPClient.Response {
            try client.send("\(method) \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            return try client.response(toHead: method == "HEAD" || path == "/none")
        }
        let odd = try get("/odd")
        #expect(odd.status == 299 && odd.head.hasPrefix("HTTP/1.1 299 Odd\r\n"))
        #expect(odd.head.contains("X-A: 1\r\nX-A: 2\r\n"))
        #expect(odd.header("X-Duration-Seconds") != "9")
        let none = try get("/none")
        #expect(none.status == 204 && none.header("Content-Length") == nil)
        #expect(try get("/chunks").text == "abcdefg")
        #expect(try get("/close").text == "until the end")
        #expect(try get("/early").text == "ok")
        let head = try get("/x", method: "HEAD")
        #expect(head.status == 200 && head.header("Content-Length") != "0")
        #expect(try get("/plain").text == "ok")
    }

    @Test func usesConnectionsAgain() throws {
        let watchdog = try EchoServer.watchdog()
        let unused = watchdog.descriptors
        #expect(try watchdog.get("/number").text == "1")
        #expect(try watchdog.get("/number").text == "1")
        // One that the function has closed while it was idle is not used.
        #expect(try watchdog.get("/idle").status == 200)
        #expect(eventually { watchdog.descriptors == unused })
        #expect(try watchdog.get("/number").text == "2")
        // And none for long.
        #expect(eventually { watchdog.descriptors == unused })
        #expect(try watchdog.get("/number").text == "3")
    }

    @Test func streamsBothWays() throws {
        let watchdog = try EchoServer.watchdog()
        let folder = try TemporaryFolder()
        let size = 32 << 20
        #expect(try Programs.run(["sh", "-c", "head -c \(size) /dev/urandom > \(folder.path)/in"]).status == 0)
        let url = "http://127.0.0.1:\(watchdog.port)"
        let mirror = try Programs.run(
            ["curl", "-sS", "-T", "\(folder.path)/in", "-o", "\(folder.path)/out", url + "/mirror"])
        #expect(mirror.status == 0, "\(mirror.output)")
        #expect(try Programs.run(["cmp", "\(folder.path)/in", "\(folder.path)/out"]).status == 0)
        let sum = try Programs.run(
            [
                "sh", "-c",
                "curl -sS -H 'Transfer-Encoding: chunked' -T \(folder.path)/in \(url)/sum; sha256sum < \(folder.path)/in",
            ])
        #expect(sum.output.prefix(64) == sum.output.dropFirst(64).prefix(64), "\(sum.output)")
        let download = try Programs.run(["sh", "-c", "curl -sS \(url)/big | wc -c"])
        #expect(download.output.hasPrefix("1000000000"))
        #expect(watchdog.residentKiB < 16 * 1024)
    }

    @Test func keepsABodyThatIsSentBeforeTheAnswerIsRead() throws {
        let watchdog = try EchoServer.watchdog()
        let client = try watchdog.client()
        let body = [UInt8](repeating: 7, count: 30 << 20)
        try client.send("POST /mirror HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        #expect(try client.response().body == body)
    }

    @Test func buffersARequestWhenAsked() throws {
        let watchdog = try EchoServer.watchdog(["http_buffer_req_body": "true"])
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        try client.send("0\r\n\r\n")
        #expect(try client.response().text == "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
    }

    @Test func passesEventsOnAsTheyCome() throws {
        let watchdog = try EchoServer.watchdog(["exec_timeout": "200ms"])
        let client = try watchdog.client()
        try client.send("GET /events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n")
        var pieces: [String] = []
        while !pieces.joined().hasSuffix("0\r\n\r\n") {
            let piece = client.nextBytes()
            guard !piece.isEmpty else { break }
            pieces.append(piece)
        }
        #expect(pieces.count >= 3)
        #expect(pieces.joined().contains("9\r\ndata: 2\n\n\r\n0\r\n\r\n"))
    }

    @Test func letsAWebSocketThrough() throws {
        let watchdog = try EchoServer.watchdog(["write_timeout": "300ms", "exec_timeout": "300ms"])
        let before = watchdog.descriptors
        // A server that starts slowly would use the short times up.
        #expect(eventually { (try? watchdog.get("/plain").status) == 200 })
        #expect(watchdog.waitForLog("upstream listens"))
        let client = try watchdog.client()
        try client.send("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        var answer = ""
        while !answer.contains("hello") {
            let piece = client.nextBytes()
            try #require(!piece.isEmpty, "\(answer)")
            answer += piece
        }
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching\r\n"))
        #expect(answer.contains("Connection: Upgrade\r\nUpgrade: websocket\r\n"))
        usleep(500_000)
        try client.send("abc")
        #expect(client.nextBytes() == "ABC")
        try client.send("bye")
        #expect(client.isClosedByPeer)
        client.disconnect()
        // The connections to the function, too, as they are not used again for long.
        #expect(eventually { watchdog.descriptors == before })
        let plain = try watchdog.call("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(plain.text == "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    }

    @Test func keepsAPrefix() throws {
        let watchdog = try EchoServer.watchdog(["ready_path": "/alive?x"], prefix: "/base/")
        #expect(try watchdog.get("/a").text.hasPrefix("GET /base/a HTTP/1.1\r\n"))
        #expect(try watchdog.get("/_/ready").text.hasPrefix("GET /base/alive?x HTTP/1.1\r\n"))
        // A body does not become a request of its own.
        let client = try watchdog.client()
        let inner = "GET /base/inner HTTP/1.1\r\nHost: h\r\n\r\n"
        try client.send("GET /_/ready HTTP/1.1\r\nHost: h\r\nContent-Length: \(inner.utf8.count)\r\n\r\n\(inner)")
        #expect(try client.response().text == "GET /base/alive?x HTTP/1.1\r\nHost: h\r\n\r\n")
        try client.send("GET /number HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().text == "GET /base/number HTTP/1.1\r\nHost: h\r\n\r\n")
    }

    @Test func speaksOverAUnixSocket() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/upstream.sock"
        let watchdog = try RunningWatchdog(
            ["/usr/bin/python3", "-c", EchoServer.script, path], ["mode": "http", "upstream_url": "unix://\(path)"])
        #expect(try watchdog.get("/plain").text == "ok")
    }
}
