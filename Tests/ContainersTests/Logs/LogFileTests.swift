import CSystemd
import Foundation
import Testing

@testable import Containers

@Suite struct LogFileTests {
    private static let epoch = LogRecord(stream: .output, bytes: [], at: .init(tv_sec: 1_700_000_000, tv_nsec: 42))

    private func record(_ text: String, _ stream: LogLine.Stream = .output) -> LogRecord {
        var record = Self.epoch
        record.bytes = Array(text.utf8)
        record.stream = stream
        return record
    }

    private func options(_ directory: TemporaryDirectory, count: Int = 3) throws -> LogOptions {
        try LogOptions(
            name: "fn", directory: directory.path, usesJournal: false, fileLimitBytes: 4096, fileCount: count,
            containerCount: 2)
    }

    @Test func form() {
        var part = record("a b", .error)
        part.endsLine = false
        #expect(String(decoding: part.fileHeader, as: UTF8.self) == "2023-11-14T22:13:20.000000042Z stderr P ")
        let header = LogFileHeader(part.fileHeader[...])
        #expect(header?.time == LogTime(seconds: 1_700_000_000, nanoseconds: 42))
        #expect(header?.stream == .error)
        #expect(header?.endsLine == false)
        #expect(header?.length == part.fileHeader.count)
    }

    @Test(arguments: [
        "", "x", "2023-11-14T22:13:20Z stdlog F y", "2023-11-14T22:13:20Z stdout F", "2023-11-14T22:13:20Z stdout X y",
        "2023-11-34T22:13:20Z stdout F y", "stdout F y", "2023-11-14T22:13:20Z stdout  y",
    ])
    func notALine(text: String) {
        #expect(LogFileHeader(Array(text.utf8)[...]) == nil)
    }

    @Test func filesAreSetAsideAndBounded() async throws {
        try await TemporaryDirectory.with { directory in
            var file = LogFile(options: try options(directory), namespace: "ns", id: "c1")
            for number in 0..<500 { file.write([record("line \(number) " + String(repeating: "x", count: 50))]) }
            file.close()
            #expect(directory.names("ns/fn") == ["c1.log", "c1.log.1", "c1.log.2"])
            for name in directory.names("ns/fn") {
                #expect((directory.text("ns/fn/\(name)")?.utf8.count ?? .max) <= 4096)
            }
            let tail = LogTail(directory: directory.path, usesJournal: false)
            let lines = tail.lines(namespace: "ns", name: "fn", id: "c1", last: 40)
            #expect(lines.count == 40)
            #expect(lines.last?.text.hasPrefix("line 499 ") == true)
            #expect(lines.first?.text.hasPrefix("line 460 ") == true)
        }
    }

    @Test func eachLineHasItsOwnHeader() async throws {
        try await TemporaryDirectory.with { directory in
            var part = record("a")
            part.endsLine = false
            var late = record("e", .error)
            late.seconds += 1
            var file = LogFile(options: try options(directory), namespace: "ns", id: "c1")
            file.write([part, record("b"), record("c"), record("d", .error), late])
            let start = "2023-11-14T22:13:2"
            #expect(
                directory.text("ns/fn/c1.log")?.split(separator: "\n").map(String.init) == [
                    "\(start)0.000000042Z stdout P a", "\(start)0.000000042Z stdout F b",
                    "\(start)0.000000042Z stdout F c", "\(start)0.000000042Z stderr F d",
                    "\(start)1.000000042Z stderr F e",
                ])
        }
    }

    @Test func oneFileOnly() async throws {
        try await TemporaryDirectory.with { directory in
            var file = LogFile(options: try options(directory, count: 1), namespace: "ns", id: "c1")
            for number in 0..<200 { file.write([record("line \(number) " + String(repeating: "x", count: 50))]) }
            #expect(directory.names("ns/fn") == ["c1.log"])
        }
    }

    @Test func aStoreThatCannotBeWritten() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("", to: "ns")
            var file = LogFile(options: try options(directory), namespace: "ns", id: "c1")
            file.write([record("lost")])
            try FileManager.default.removeItem(atPath: directory.path + "/ns")
            file.write([record("kept")])
            #expect(directory.text("ns/fn/c1.log")?.hasSuffix(" stdout F kept\n") == true)
        }
    }

    @Test func oldContainersArePrunedButNotThoseThatWrite() async throws {
        try await TemporaryDirectory.with { directory in
            var writers: [LogFile] = []
            for number in 0..<5 {
                var file = LogFile(options: try options(directory), namespace: "ns", id: "c\(number)")
                file.write([record("x")])
                if number > 0 { file.close() }
                writers.append(file)
                let time = Date(timeIntervalSince1970: 1_700_000_000 + Double(number))
                try FileManager.default.setAttributes(
                    [.modificationDate: time], ofItemAtPath: "\(directory.path)/ns/fn/c\(number).log")
            }
            try directory.write("x", to: "ns/fn/c1.log.1")
            LogPruner.prune(directory: directory.path + "/ns/fn", keeping: 2)
            #expect(directory.names("ns/fn") == ["c0.log", "c3.log", "c4.log"])
        }
    }

    @Test func tailOfNothing() {
        let tail = LogTail(directory: "/nonexistent", usesJournal: false)
        #expect(tail.lines(namespace: "ns", name: "fn", id: "c1", last: 5).isEmpty)
        #expect(tail.lines(namespace: "..", name: "..", id: "etc", last: 5).isEmpty)
    }
}
