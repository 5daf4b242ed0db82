import Glibc
import Testing

@testable import WatchdogCore

@Suite struct ResponseHeadTests {
    private func text(_ head: ResponseHead, closes: Bool = false, isChunked: Bool = true) -> String {
        let buffer = Buffer(capacity: 4096)
        head.write(to: buffer, date: Array("D".utf8), closes: closes, isChunked: isChunked)
        return buffer.text
    }

    @Test func saysALength() {
        let head = ResponseHead(contentType: "text/css", length: .exact(12), duration: .microseconds(1500))
        #expect(
            text(head, closes: true)
                == "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 12\r\nDate: D\r\n"
                + "X-Duration-Seconds: 0.001500\r\nConnection: close\r\n\r\n")
    }

    @Test func streams() {
        #expect(text(ResponseHead(length: .unknown)).contains("\r\nTransfer-Encoding: chunked\r\n"))
        let old = text(ResponseHead(length: .unknown), isChunked: false)
        #expect(!old.contains("Length") && !old.contains("Transfer-Encoding"))
    }

    @Test func marksThePlatform() {
        var head = ResponseHead(.methodNotAllowed, length: .exact(0))
        head.origin = "of-watchdog"
        #expect(text(head).contains("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(text(head).contains("\r\nX-Openfaas-Internal: of-watchdog\r\n"))
    }

    @Test func relaysAStatusAndFields() {
        let buffer = Buffer(capacity: 4096)
        withBytes("Odd") { reason in
            var head = ResponseHead(StatusLine(code: 599, reason: reason), length: .none, duration: nil)
            head.hasDate = true
            head.write(to: buffer, date: [], closes: false, isChunked: true) { $0.append("Date: X\r\nA: b\r\n") }
        }
        #expect(buffer.text == "HTTP/1.1 599 Odd\r\nDate: X\r\nA: b\r\n\r\n")
        for (code, isBodiless) in [(101, true), (200, false), (204, true), (304, true), (404, false)] {
            let status = withBytes("") { StatusLine(code: code, reason: $0).isBodiless }
            #expect(status == isBodiless)
        }
    }
}

@Suite struct ProcessValuesTests {
    @Test func looksUpCommands() {
        #expect((try? CommandLookup.find("sh", searchPath: "/nowhere:/bin").get()) == "/bin/sh")
        #expect(CommandLookup.find("sh", searchPath: "/nowhere") == .failure(SystemError(number: ENOENT)))
        #expect(CommandLookup.find("passwd", searchPath: "/etc") == .failure(SystemError(number: EACCES)))
        #expect(CommandLookup.find("/etc", searchPath: "/") == .failure(SystemError(number: EACCES)))
        #expect(CommandLookup.find("/bin/sh", searchPath: "") == .success("/bin/sh"))
    }

    @Test func tellsEndsApart() {
        #expect(ExitStatus.exited(0).isSuccess)
        #expect(!ExitStatus.signaled(0).isSuccess)
        #expect(ExitStatus.exited(3).text == "exit status 3")
        #expect(ExitStatus.signaled(SIGSEGV).text == "signal: segmentation fault")
        #expect(ExitStatus.signaled(40).text == "signal: signal 40")
    }

    @Test func answersFailedStarts() {
        #expect(LaunchFailure.describe(SystemError(number: E2BIG), command: "x").status == .headTooLarge)
        #expect(LaunchFailure.describe(SystemError(number: EAGAIN), command: "x").status == .unavailable)
        let missing = LaunchFailure.describe(SystemError(number: ENOENT), command: "x")
        #expect(missing.status == .internalError)
        #expect(missing.text == "cannot start \"x\": no such file or directory")
    }
}
