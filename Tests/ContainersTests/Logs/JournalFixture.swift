import Foundation
import Glibc
import Testing

@testable import Containers

/// A journal of a test's own, which `systemd-journal-remote` writes from entries in the journal's export form.
struct JournalFixture {
    /// Of Debian's package `systemd-journal-remote`.
    private static let program = "/lib/systemd/systemd-journal-remote"

    let directory: TemporaryDirectory

    static func with<Value>(_ body: (JournalFixture) async throws -> Value) async throws -> Value {
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(
                atPath: directory.path + "/journal", withIntermediateDirectories: true)
            return try await body(JournalFixture(directory: directory))
        }
    }

    var reader: LogReader {
        LogReader(directory: directory.path, journal: .directory(directory.path + "/journal"))
    }

    func lines(_ query: LogQuery) async throws -> [LogEntry] {
        var entries: [LogEntry] = []
        for await entry in try reader.entries(query) { entries.append(entry) }
        return entries
    }

    func texts(_ query: LogQuery) async throws -> [String] { try await lines(query).map(\.line.text) }

    /// Writes entries to a file of the journal and closes it.
    func write(_ entries: [Entry], to file: String = "a") throws {
        try writer(file).finish(entries)
    }

    /// A program that goes on writing to one file of the journal.
    func writer(_ file: String) throws -> Writer {
        try Writer(program: Self.program, file: "\(directory.path)/journal/\(file).journal")
    }

    /// The number of descriptors of this process that are open below the folder.
    var openCount: Int { LogStoreFixture(directory: directory).openPositions().count }

    final class Writer {
        private let process = Process()
        private let input = Pipe()

        init(program: String, file: String) throws {
            try #require(
                FileManager.default.isExecutableFile(atPath: program), "the package systemd-journal-remote is missing")
            process.executableURL = URL(filePath: program)
            process.arguments = ["--output=\(file)", "-"]
            process.standardInput = input
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        func write(_ entries: [Entry]) throws {
            for entry in entries { try input.fileHandleForWriting.write(contentsOf: entry.exported) }
        }

        func finish(_ entries: [Entry] = []) throws {
            try write(entries)
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    /// An entry as the writing side sends it.
    struct Entry {
        var fields: [(name: String, value: [UInt8])]
        let microseconds: Int

        init(_ record: LogRecord, _ container: String = "c1", identifier: String = "ns:fn") {
            microseconds = record.seconds * 1_000_000 + record.nanoseconds / 1000
            fields = [
                ("SYSLOG_IDENTIFIER", Array(identifier.utf8)), ("CONTAINER_ID", Array(container.utf8)),
                ("PRIORITY", Array((record.stream == .error ? "3" : "6").utf8)), ("_PID", Array("4711".utf8)),
                ("MESSAGE", record.bytes),
            ]
            if !record.endsLine { fields.append((LogStore.partialField, Array("true".utf8))) }
        }

        /// Values by their length, so that they may be any bytes.
        var exported: Data {
            let boot = "0123456789abcdef0123456789abcdef"
            var data = Data("__REALTIME_TIMESTAMP=\(microseconds)\n".utf8)
            data += Data("__MONOTONIC_TIMESTAMP=\(microseconds)\n_BOOT_ID=\(boot)\n".utf8)
            for (name, value) in fields {
                data += Data("\(name)\n".utf8)
                withUnsafeBytes(of: UInt64(value.count).littleEndian) { data += Data($0) }
                data += Data(value) + Data("\n".utf8)
            }
            return data + Data("\n".utf8)
        }
    }
}
