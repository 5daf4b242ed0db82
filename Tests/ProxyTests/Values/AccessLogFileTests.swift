import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Proxy

@Suite struct AccessLogFileTests {
    /// A folder for the time of a test.
    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/access-log-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestTimeout(description: "no folder") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["log", "old"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try await body(folder)
    }

    private static func contents(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        return contents(descriptor)
    }

    private static func contents(_ descriptor: CInt) -> String {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &bytes, bytes.count), count > 0 {
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return text
    }

    @Test func linesAreAppendedInOrder() async throws {
        try await Self.withFolder { folder in
            let path = "\(folder)/log"
            for round in 0..<2 {
                let file = try AccessLogFile(path: path)
                for number in 0..<100 { file.write(ByteBuffer(string: "\(round) \(number)\n")) }
                await file.close()
                // Too late, and harmless.
                file.write(ByteBuffer(string: "late\n"))
                await file.close()
            }
            let expected = (0..<2).flatMap { round in (0..<100).map { "\(round) \($0)\n" } }
            #expect(Self.contents(path) == expected.joined())
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 & ~0o640 == 0)
        }
    }

    @Test func rotation() async throws {
        try await Self.withFolder { folder in
            let (path, old) = ("\(folder)/log", "\(folder)/old")
            let file = try AccessLogFile(path: path)
            file.write(ByteBuffer(string: "one\n"))
            #expect(rename(path, old) == 0)
            file.write(ByteBuffer(string: "two\n"))
            try await file.reopen()
            file.write(ByteBuffer(string: "three\n"))
            await file.close()
            #expect(Self.contents(old) == "one\ntwo\n")
            #expect(Self.contents(path) == "three\n")
        }
    }

    @Test func fileThatCannotBeOpened() async throws {
        try await Self.withFolder { folder in
            let error = #expect(throws: ProxyError.self) { try AccessLogFile(path: "\(folder)/none/log") }
            #expect(error?.code == .accessLogUnusable)
            // A rotation that fails goes on in the old file.
            let path = "\(folder)/log"
            let file = try AccessLogFile(path: path)
            #expect(rename(path, "\(folder)/old") == 0)
            #expect(mkdir(path, 0o700) == 0)
            await #expect(throws: ProxyError.self) { try await file.reopen() }
            file.write(ByteBuffer(string: "one\n"))
            await file.close()
            #expect(rmdir(path) == 0)
            #expect(Self.contents("\(folder)/old") == "one\n")
        }
    }

    /// A pipe that nobody reads stands for a disk that is too slow.
    @Test func whatDoesNotFitIsDroppedAndCounted() async throws {
        try await Self.withFolder { folder in
            let path = "\(folder)/log"
            #expect(mkfifo(path, 0o600) == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            let file = try AccessLogFile(path: path)
            #expect(fcntl(reader, F_SETFL, 0) == 0)
            // Two lines of half a MiB each; eight such buffers may wait.
            let line = String(repeating: "x", count: 512 * 1024 - 1) + "\n"
            for _ in 0..<10 { file.write(ByteBuffer(string: line + line)) }
            async let closed: Void = file.close()
            // On a thread that may block: those of the tests' own tasks are few.
            let text = try await NIOThreadPool.singleton.runIfActive { Self.contents(reader) }
            await closed
            let lines = text.split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("x") }.count == 16)
            #expect(lines.filter { !$0.hasPrefix("x") } == ["{\"dropped\":4}"])
        }
    }
}
