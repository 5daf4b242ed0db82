import Glibc
import Testing

/// Clients that send all of their body before they read, and functions that write before they have read it.
@Suite struct DeadlockTests {
    private func echo(_ size: Int, from watchdog: RunningWatchdog) throws -> Bool {
        let block = (0..<70_001).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 5) }
        var body: [UInt8] = []
        while body.count < size { body += block }
        body.removeLast(body.count - size)
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
        try client.send(body)
        let answer = try client.response()
        return answer.isComplete && answer.body == body
    }

    @Test(arguments: ["/tmp", "/nowhere"])
    func keepsABodyThatIsSentBeforeTheAnswerIsRead(folder: String) throws {
        let watchdog = try RunningWatchdog(["cat"], ["TMPDIR": folder])
        let before = watchdog.descriptors
        #expect(try echo(30 << 20, from: watchdog))
        #expect(watchdog.residentKiB < 16 * 1024)
        #expect(eventually { watchdog.descriptors == before })
    }

    @Test func keepsNothingForAFunctionThatIsMerelySlow() throws {
        let watchdog = try RunningWatchdog(sh: "sleep 300")
        let client = try HTTPClient(port: watchdog.port, seconds: 1)
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n")
        #expect(throws: (any Error).self) { try client.send([UInt8](repeating: 0, count: 64 << 20)) }
        #expect(watchdog.children.count == 1)
        let links = try Programs.run(["ls", "-l", "/proc/\(watchdog.process)/fd"]).output
        #expect(!links.contains("deleted"))
    }

    /// More than the bound cannot be kept, and then time decides.
    @Test func endsWhatCannotMoveAnyMore() throws {
        let watchdog = try RunningWatchdog(["cat"], ["TMPDIR": "/nowhere", "write_timeout": "2s"])
        let before = watchdog.descriptors
        let client = try watchdog.client()
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n")
        #expect(throws: (any Error).self) { try client.send([UInt8](repeating: 0, count: 100 << 20)) }
        #expect(watchdog.waitForLog("write_timeout of 2s exceeded"))
        #expect(eventually { watchdog.children.isEmpty && watchdog.descriptors == before })
    }
}
