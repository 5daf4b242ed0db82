import Foundation
import Testing

@testable import Containers

/// Lines of a real journal.
@Suite(.serialized) struct LogReaderJournalTests {
    private typealias Entry = JournalFixture.Entry

    private func query(
        instance: String? = nil, since: Int? = nil, tail: Int? = nil, follow: Bool = false
    ) -> LogQuery {
        LogQuery(
            namespace: "ns", name: "fn", instance: instance,
            since: since.map { LogStoreFixture.start.adding(seconds: $0) }, tail: tail, follow: follow)
    }

    /// Lines 0 to 99 of two containers in turn, among lines of another function.
    private func fill(_ journal: JournalFixture) throws {
        try journal.write(
            (0..<100).flatMap { number in
                [
                    Entry(LogRecord("line \(number)", at: number), "c\(number % 2)"),
                    Entry(LogRecord("other", at: number), identifier: "ns:fn2"),
                ]
            })
    }

    private func numbered(_ range: Range<Int>) -> [String] { range.map { "line \($0)" } }

    @Test func allOfOneName() async throws {
        try await JournalFixture.with { journal in
            try fill(journal)
            let lines = try await journal.lines(query())
            #expect(lines.map(\.line.text) == numbered(0..<100))
            #expect(
                lines[3]
                    == LogEntry(
                        instance: "c1",
                        line: LogLine(time: "2023-11-14T22:13:23.000000000Z", stream: .output, text: "line 3")))
        }
    }

    @Test func instance() async throws {
        try await JournalFixture.with { journal in
            try fill(journal)
            #expect(try await journal.texts(query(instance: "c1", tail: 2)) == ["line 97", "line 99"])
            #expect(try await journal.lines(query(instance: "c1")).count == 50)
            #expect(try await journal.lines(query(instance: "c7")).isEmpty)
        }
    }

    @Test(arguments: [1, 5, 99, 100, 101, .max])
    func tail(count: Int) async throws {
        try await JournalFixture.with { journal in
            try fill(journal)
            #expect(try await journal.texts(query(tail: count)) == numbered(max(0, 100 - min(count, 100))..<100))
            #expect(try await journal.texts(query(tail: 0)).isEmpty)
        }
    }

    @Test(arguments: [-2_000_000_000, -5, 0, 1, 50, 99, 100])
    func since(offset: Int) async throws {
        try await JournalFixture.with { journal in
            try fill(journal)
            let first = max(0, offset)
            #expect(try await journal.texts(query(since: offset)) == numbered(first..<100))
            #expect(try await journal.texts(query(since: offset, tail: 10)) == numbered(max(90, first)..<100))
        }
    }

    @Test func anyBytesAndLongLines() async throws {
        try await JournalFixture.with { journal in
            var binary = LogRecord("", .error, at: 0)
            binary.bytes = [0, 0x61, 0xff, 0x0a]
            let longest = String(repeating: "x", count: 1 << 20)
            try journal.write([
                Entry(binary), Entry(LogRecord(longest, at: 1)), Entry(LogRecord(longest + "y", at: 2)),
                Entry(LogRecord("a", at: 3, ends: false)), Entry(LogRecord("b", at: 4)), Entry(LogRecord("", at: 5)),
            ])
            let lines = try await journal.lines(query())
            #expect(lines.map(\.line.text) == ["\0a\u{fffd}\n", longest, longest, "ab", ""])
            #expect(lines.first?.line.stream == .error)
        }
    }

    @Test func entriesOfOtherWriters() async throws {
        try await JournalFixture.with { journal in
            var entry = Entry(LogRecord("x", at: 0))
            entry.fields.removeAll { $0.name == "CONTAINER_ID" || $0.name == "PRIORITY" }
            var bare = entry
            bare.fields.removeAll { $0.name == "_PID" || $0.name == "MESSAGE" }
            try journal.write([entry, bare])
            let lines = try await journal.lines(query())
            #expect(lines.map(\.instance) == ["4711", ""])
            #expect(lines.map(\.line.text) == ["x", ""])
        }
    }

    /// The journal refused lines for a time, so they are in the container's file.
    @Test(arguments: [nil, 4, 5, 20])
    func theFileStoreAsWell(tail: Int?) async throws {
        try await JournalFixture.with { journal in
            try journal.write([0, 1, 4, 5].map { Entry(LogRecord("line \($0)", at: $0)) })
            let store = LogStoreFixture(directory: journal.directory)
            try store.write("c1", LogRecord("line 2", at: 2), LogRecord("line 3", at: 3))
            try store.write("c2", LogRecord("line 6", at: 6))
            #expect(try await journal.texts(query(tail: tail)) == numbered(max(0, 7 - (tail ?? 7))..<7))
        }
    }

    @Test func noJournal() async throws {
        try await JournalFixture.with { journal in
            #expect(try await journal.texts(query()).isEmpty)
            try FileManager.default.removeItem(atPath: journal.directory.path + "/journal")
            try LogStoreFixture(directory: journal.directory).write("c1", LogRecord("a", at: 0))
            #expect(try await journal.texts(query()) == ["a"])
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [nil, 0, 1, 2, 100])
    func follow(tail: Int?) async throws {
        try await JournalFixture.with { journal in
            let writer = try journal.writer("a")
            try writer.write([Entry(LogRecord("line 0", at: 0)), Entry(LogRecord("line 1", at: 1))])
            _ = try await eventually { try await journal.lines(query()).count == 2 ? true : nil }
            let isOpen = journal.openCount
            let entries = try journal.reader.entries(query(tail: tail, follow: true))
            try await LogStoreFixture.following(entries) { seen in
                let old = min(2, tail ?? 2)
                _ = try await eventually { seen.texts.count == old && journal.openCount > isOpen ? true : nil }
                for number in 2..<6 {
                    try writer.write([Entry(LogRecord("line \(number)", at: number))])
                    _ = try await eventually { seen.texts == numbered(2 - old..<number + 1) ? true : nil }
                }
                // A file that is new in the journal.
                try journal.write([Entry(LogRecord("line 6", at: 6))], to: "b")
                _ = try await eventually { seen.texts == numbered(2 - old..<7) ? true : nil }
            }
            #expect(journal.openCount == isOpen)
            try writer.finish()
        }
    }

    /// Nothing is there at first under this name, or nothing at all.
    @Test(.timeLimit(.minutes(1)), arguments: [nil, 5], [true, false])
    func followFromNothing(tail: Int?, hasOthers: Bool) async throws {
        try await JournalFixture.with { journal in
            if hasOthers { try journal.write([Entry(LogRecord("x", at: 0), identifier: "ns:fn2")], to: "b") }
            let entries = try journal.reader.entries(query(tail: tail, follow: true))
            let writer = try journal.writer("a")
            try await LogStoreFixture.following(entries) { seen in
                for number in 0..<3 {
                    try writer.write([Entry(LogRecord("line \(number)", at: number))])
                    _ = try await eventually { seen.texts == numbered(0..<number + 1) ? true : nil }
                }
            }
            try writer.finish()
        }
    }

    @Test func nothingStaysOpen() async throws {
        try await JournalFixture.with { journal in
            try fill(journal)
            _ = try await journal.lines(query())
            #expect(journal.openCount == 0)
            for await _ in try journal.reader.entries(query(follow: true)) { break }
            _ = try await eventually { journal.openCount == 0 ? true : nil }
        }
    }
}
