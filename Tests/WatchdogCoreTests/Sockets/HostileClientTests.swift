import Glibc
import Testing

@Suite struct HostileClientTests {
    @Test(arguments: [
        ("GET / HTTP/1.1\nHost: h\n\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505), ("\u{16}\u{3}\u{1}\u{2}\n", 400),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ])
    func refusesAndCloses(request: String, status: Int) throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send(request)
        let answer = try client.response()
        #expect(answer.status == status)
        #expect(answer.header("Connection") == "close")
        #expect(answer.header("X-Openfaas-Internal") == "of-watchdog")
        #expect(client.isClosedByPeer)
        #expect(!watchdog.log.contains("Forking"))
    }

    @Test func answersABodyThatTurnsOutMalformed() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        let answer = try client.response()
        #expect(answer.status == 400)
        #expect(answer.text == "chunk size is missing\n")
        #expect(client.isClosedByPeer)
        #expect(eventually { watchdog.children.isEmpty })
    }

    @Test func takesAHeadByteByByte() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        for byte in "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc".utf8 { try client.send([byte]) }
        #expect(try client.response().text == "abc")
    }

    @Test func takesALargeHead() throws {
        let watchdog = try RunningWatchdog(sh: "printenv Http_X_Long | wc -c")
        let long = String(repeating: "x", count: 100_000)
        let client = try watchdog.client()
        for _ in 0..<3 {
            try client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Long: \(long)\r\n\r\n")
            #expect(try client.response().text == "100001\n")
        }
    }

    @Test func boundsAHead() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let head = "GET / HTTP/1.1\r\nHost: h\r\n"
        let lines = String(repeating: "X: \(String(repeating: "x", count: 8000))\r\n", count: 140)
        #expect(try watchdog.call(head + lines).status == 431)
        #expect(try watchdog.call("GET /" + String(repeating: "x", count: 70_000)).status == 414)
        #expect(watchdog.residentKiB < 16 * 1024)
    }

    @Test func givesNothingToAClientThatHasLeft() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        // Stopped, so that request and end arrive together.
        watchdog.signal(SIGSTOP)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        client.disconnect()
        watchdog.signal(SIGCONT)
        #expect(watchdog.waitForLog("client disconnected before its call"))
        #expect(!watchdog.log.contains("Forking"))
    }

    @Test func closesAfterABodyNobodyWants() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        try client.send("POST /_/health HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        let first = try client.response()
        #expect(first.status == 405)
        #expect(first.header("Allow") == "GET")
        try client.send("POST /_/health HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n")
        #expect(try client.response().status == 405)
        for _ in 0..<16 where (try? client.send([UInt8](repeating: 0, count: 65536))) == nil { break }
        #expect(client.isClosedByPeer)
    }

    @Test func makesRoomForNewClients() throws {
        let watchdog = try RunningWatchdog(["cat"], wrapper: ["prlimit", "--nofile=64:64"])
        let before = watchdog.descriptors
        // 64 descriptors are enough for 4 connections with their calls.
        let idle = try (0..<20).map { _ in try watchdog.client() }
        #expect(try watchdog.post("x").text == "x")
        #expect(watchdog.descriptors <= before + 8)
        #expect(idle.count == 20)
    }

    /// More clients than there are places for connect, and only then send: none of them may be shut out for another.
    @Test func answersAllWhoComeAtOnce() throws {
        let watchdog = try RunningWatchdog(["cat"], wrapper: ["prlimit", "--nofile=64:64"])
        let clients = try (0..<20).map { _ in try watchdog.client() }
        for (number, client) in clients.enumerated() {
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n\(number + 10)")
        }
        for (number, client) in clients.enumerated() {
            let answer = try client.response()
            #expect(answer.text == "\(number + 10)", "\(answer)")
            client.disconnect()
        }
    }

    @Test func staysFlatOverManyRequests() throws {
        let watchdog = try RunningWatchdog(["cat"])
        let client = try watchdog.client()
        let round = String(repeating: "GET /_/health HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\r\n", count: 200)
        func serve(rounds: Int) throws {
            for _ in 0..<rounds {
                try client.send(round)
                for _ in 0..<200 { #expect(try client.response().status == 200) }
            }
        }
        try serve(rounds: 5)
        let before = watchdog.anonymousKiB
        try serve(rounds: 100)
        for _ in 0..<50 { #expect(try watchdog.post("x").text == "x") }
        #expect(watchdog.anonymousKiB - before < 256)
    }
}
