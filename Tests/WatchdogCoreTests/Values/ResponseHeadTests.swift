import Glibc
import Testing

@testable import WatchdogCore

@Suite struct ResponseHeadTests {
    private func text(_ head: ResponseHead) -> String {
        let buffer = Buffer(capacity: 4096)
        head.write(to: buffer, date: Array("D".utf8))
        return buffer.text
    }

    @Test func saysALength() {
        let head = ResponseHead(
            contentType: "text/css", length: .exact(12), duration: .microseconds(1500), closes: true)
        #expect(
            text(head) == "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 12\r\nDate: D\r\n"
                + "X-Duration-Seconds: 0.001500\r\nConnection: close\r\n\r\n")
    }

    @Test func streams() {
        #expect(text(ResponseHead(length: .chunked)).contains("\r\nTransfer-Encoding: chunked\r\n"))
        let old = text(ResponseHead(length: .untilClose, closes: true))
        #expect(!old.contains("Length") && !old.contains("Transfer-Encoding"))
    }

    @Test func marksThePlatform() {
        let head = ResponseHead(status: .methodNotAllowed, origin: "of-watchdog", allow: "GET")
        #expect(text(head).contains("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(text(head).contains("\r\nX-Openfaas-Internal: of-watchdog\r\nAllow: GET\r\n"))
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
        #expect(LaunchFailure.reply(SystemError(number: E2BIG), command: "x").status == .headTooLarge)
        #expect(LaunchFailure.reply(SystemError(number: EAGAIN), command: "x").status == .unavailable)
        let missing = LaunchFailure.reply(SystemError(number: ENOENT), command: "x")
        #expect(missing.status == .internalError)
        #expect(missing.body == "cannot start \"x\": no such file or directory\n")
    }
}
