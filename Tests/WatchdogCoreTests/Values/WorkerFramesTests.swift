import Testing

@testable import WatchdogCore

@Suite struct WorkerFramesTests {
    @Test func writesARequest() throws {
        let text = "POST /a?b=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
        let head = try parse(text).get()
        let buffer = Buffer(capacity: 1000)
        #expect(
            withBytes(text) { bytes in
                WorkerFrames.write(
                    CallRequest(head: head, bytes: bytes, replacingPath: nil), bodyLength: 5, to: buffer)
            })
        let lines = "POST /a?b=1\nHost: h\nContent-Length: 5\n"
        #expect(WorkerFrames.lengths(buffer.readable) == WorkerFrames.Lengths(head: lines.utf8.count, body: 5))
        buffer.consume(WorkerFrames.prefix)
        #expect(buffer.text == lines)
    }

    @Test func readsLengths() {
        func lengths(_ bytes: [UInt8]) -> WorkerFrames.Lengths? { bytes.withUnsafeBytes { WorkerFrames.lengths($0) } }
        #expect(lengths([UInt8](repeating: 0, count: 11)) == nil)
        #expect(lengths([UInt8](repeating: 0, count: 12))?.saysReady == true)
        #expect(lengths([0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4]) == WorkerFrames.Lengths(head: 258, body: 772))
        #expect(lengths([UInt8](repeating: 255, count: 12)) == WorkerFrames.Lengths(head: 0xffff_ffff, body: .max))
    }

    @Test func readsAResponse() {
        func response(_ text: String) -> WorkerResponse? { withBytes(text) { WorkerResponse($0) } }
        #expect(response("200\n")?.code == 200)
        #expect(response("200\n")?.hasContentType == false)
        let text = "201\nContent-Type: x\nX-A:  b\nContent-Length: 9\nConnection: close\nX-Duration-Seconds: 1\n"
        let full = response(text)
        #expect(full?.code == 201 && full?.hasContentType == true && full?.fields.count == 2)
        let buffer = Buffer(capacity: 1000)
        withBytes(text) { full?.fields.write($0, to: buffer) }
        #expect(buffer.text == "Content-Type: x\r\nX-A: b\r\n")
        for junk in [
            "", "200", "20\n", "abc\n", "199\n", "200\nno colon\n", "200\n: x\n", "200\nA: b", "200\nA: b\r\n",
        ] {
            #expect(response(junk) == nil, "\(junk)")
        }
    }

    @Test func waitsLongerEachTime() {
        var pause = RestartPause()
        #expect(pause.next() == Limits.restartPause)
        #expect(pause.next() == Limits.restartPause * 2)
        for _ in 0..<20 { _ = pause.next() }
        #expect(pause.next() == Limits.longestRestartPause)
        pause.wasReady()
        #expect(pause.next() == Limits.restartPause)
    }
}
