import Foundation
import Testing

@testable import Containers

/// A file store in a folder of its own, written by the writing side and read by the reading side.
struct LogStoreFixture {
    /// The time of lines that are written with an offset of 0 seconds.
    static let start = LogTime(seconds: 1_700_000_000, nanoseconds: 0)

    let directory: TemporaryDirectory

    static func with<Value>(_ body: (LogStoreFixture) async throws -> Value) async throws -> Value {
        try await TemporaryDirectory.with { try await body(LogStoreFixture(directory: $0)) }
    }

    var reader: LogReader { LogReader(directory: directory.path, usesJournal: false) }

    func file(_ id: String, limit: Int = 4 << 20, count: Int = 3) throws -> LogFile {
        let options = try LogOptions(
            name: "fn", directory: directory.path, usesJournal: false, fileLimitBytes: limit, fileCount: count)
        return LogFile(options: options, namespace: "ns", id: id)
    }

    func write(_ id: String, _ records: LogRecord...) throws {
        var file = try file(id)
        file.write(records)
        file.close()
    }

    func query(
        instance: String? = nil, since: Int? = nil, tail: Int? = nil, follow: Bool = false
    ) -> LogQuery {
        LogQuery(
            namespace: "ns", name: "fn", instance: instance, since: since.map { Self.start.adding(seconds: $0) },
            tail: tail, follow: follow)
    }

    func lines(_ query: LogQuery) async throws -> [LogEntry] {
        var entries: [LogEntry] = []
        for await entry in try reader.entries(query) { entries.append(entry) }
        return entries
    }

    func texts(_ query: LogQuery) async throws -> [String] { try await lines(query).map(\.line.text) }

    /// Collects lines while the body runs, and no longer.
    static func following(
        _ entries: LogEntries, _ body: (Shared<[LogEntry]>) async throws -> Void
    ) async throws {
        let seen = Shared<[LogEntry]>([])
        async let _: Void = {
            for await entry in entries { seen.change { $0.append(entry) } }
        }()
        try await body(seen)
    }

    /// The positions of the descriptors of this process that are open below the folder, in bytes.
    func openPositions() -> [Int] {
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.compactMap { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            guard target?.hasPrefix(directory.path) == true else { return nil }
            let info = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
            return info?.split(separator: "\n").first.flatMap { Int($0.split(separator: "\t").last ?? "") }
        }
    }
}

extension Shared<[LogEntry]> {
    var texts: [String] { current.map(\.line.text) }
}

extension LogRecord {
    /// A line that was written so many seconds after ``LogStoreFixture/start``.
    init(_ text: String, _ stream: LogLine.Stream = .output, at offset: Int, ends: Bool = true) {
        self.init(
            stream: stream, bytes: Array(text.utf8), endsLine: ends,
            at: .init(tv_sec: LogStoreFixture.start.seconds + offset, tv_nsec: 0))
    }
}
