import Glibc
import Testing

@Suite struct LogTests {
    @Test func logsTheFunctionsLines() throws {
        let watchdog = try RunningWatchdog(sh: "echo one >&2; printf 'no end' >&2; echo out")
        #expect(try watchdog.get().text == "out\n")
        #expect(watchdog.waitForLog(" Wrote 4 Bytes"))
        #expect(watchdog.waitForLog(" stderr: one\n"))
        let line = try #require(watchdog.logLines.first { $0.hasSuffix(" stderr: one") })
        #expect(line.prefix(20).filter { $0 == "/" || $0 == ":" } == "//::")
        #expect(watchdog.waitForLog(" stderr: no end\n"))
    }

    @Test func putsErrorsIntoTheAnswerWhenAsked() throws {
        let watchdog = try RunningWatchdog(sh: "echo one; echo two >&2; echo three", ["combine_output": "true"])
        #expect(try watchdog.get().text == "one\ntwo\nthree\n")
        #expect(!watchdog.log.contains("stderr:"))
    }

    @Test func logsRawLines() throws {
        let watchdog = try RunningWatchdog(sh: "echo '{\"json\":1}' >&2", ["prefix_logs": "false"])
        _ = try watchdog.get()
        #expect(eventually { watchdog.logLines.contains("{\"json\":1}") })
    }

    @Test func cutsLongLines() throws {
        let watchdog = try RunningWatchdog(
            sh: "head -c 2500 /dev/zero | tr '\\0' x >&2; echo >&2; echo after >&2", ["log_buffer_size": "1000"])
        _ = try watchdog.get()
        #expect(watchdog.waitForLog("stderr: after"))
        let lengths = watchdog.logLines.filter { $0.hasSuffix("x") }.map { $0.filter { $0 == "x" }.count }
        #expect(lengths == [1000, 1000, 500])
    }

    @Test func keepsEveryLineOfATalkativeFunction() throws {
        let watchdog = try RunningWatchdog(sh: "seq 200000 >&2; echo out")
        #expect(try watchdog.get().text == "out\n")
        #expect(watchdog.waitForLog("stderr: 200000\n"))
        #expect(watchdog.logLines.filter { $0.contains("stderr: ") }.count == 200_000)
    }

    /// A log that nobody reads costs lines, not calls.
    @Test func goesOnWithoutALogReader() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let port = try freePort()
        let watchdog = try RunningWatchdog(
            ["sh", "-c", "seq 100000 >&2; echo out"], ["port": "\(port)"], log: ends[1])
        close(ends[1])
        #expect(eventually { (try? HTTPClient(port: port)) != nil })
        for _ in 0..<3 {
            let client = try HTTPClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == "out\n")
        }
        var text = ""
        var piece = [UInt8](repeating: 0, count: 65536)
        while !text.contains("log lines: their reader is too slow") {
            let count = read(ends[0], &piece, piece.count)
            guard count > 0 else { break }
            text += String(decoding: piece.prefix(count), as: UTF8.self)
        }
        #expect(text.contains(" dropped "))
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
    }

    private func freePort() throws -> UInt16 {
        let watchdog = try RunningWatchdog(["true"])
        watchdog.signal(SIGTERM)
        _ = watchdog.exit()
        return watchdog.port
    }
}
