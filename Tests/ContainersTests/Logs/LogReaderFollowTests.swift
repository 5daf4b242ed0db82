import Foundation
import Testing

@testable import Containers

/// New lines of the file store, as they come.
@Suite(.serialized) struct LogReaderFollowTests {
    private typealias Iterator = LogEntries.Iterator

    /// The next lines; a test that waits too long for them fails.
    private func next(_ count: Int, _ iterator: inout Iterator) async -> [String] {
        var texts: [String] = []
        while texts.count < count, let entry = await iterator.next() { texts.append(entry.line.text) }
        return texts
    }

    @Test(.timeLimit(.minutes(1))) func newLines() async throws {
        try await LogStoreFixture.with { store in
            var file = try store.file("c1")
            for number in 0..<5 { file.write([LogRecord("old \(number)", at: number)]) }
            var iterator = try store.reader.entries(store.query(tail: 2, follow: true)).makeAsyncIterator()
            #expect(await next(2, &iterator) == ["old 3", "old 4"])
            for number in 0..<5 {
                let start = ContinuousClock().now
                file.write([LogRecord("new \(number)", at: 5 + number)])
                #expect(await next(1, &iterator) == ["new \(number)"])
                // Half a second is promised; the rest is for a machine that is busy with other tests.
                #expect(start.duration(to: ContinuousClock().now) < .seconds(2))
            }
            file.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func nothingOfTheOldWithATailOfNone() async throws {
        try await LogStoreFixture.with { store in
            var file = try store.file("c1")
            file.write([LogRecord("old", at: 0)])
            let entries = try store.reader.entries(store.query(tail: 0, follow: true))
            try await LogStoreFixture.following(entries) { seen in
                // The writer stands at the end of the file, and so does the reader once it has begun.
                _ = try await eventually { store.openPositions().filter { $0 > 0 }.count == 2 ? true : nil }
                file.write([LogRecord("new", at: 1)])
                _ = try await eventually { seen.texts.isEmpty ? nil : true }
                #expect(seen.texts == ["new"])
            }
            file.close()
        }
    }

    /// Half a line is not given out.
    @Test(.timeLimit(.minutes(1))) func aLineThatIsBeingWritten() async throws {
        try await LogStoreFixture.with { store in
            let path = store.directory.path + "/ns/fn/c1.log"
            try store.write("c1", LogRecord("one", at: 0))
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("2023-11-14T22:13:25Z stdout F half".utf8))
            var iterator = try store.reader.entries(store.query(follow: true)).makeAsyncIterator()
            #expect(await next(1, &iterator) == ["one"])
            async let rest: Void = {
                _ = try await eventually { store.openPositions().count == 2 ? true : nil }
                try handle.write(contentsOf: Data(" and half\n".utf8))
            }()
            #expect(await next(1, &iterator) == ["half and half"])
            try await rest
            try handle.close()
        }
    }

    /// The writer keeps within what the store keeps.
    @Test(.timeLimit(.minutes(2)), arguments: [1, 2, 3, 10]) func acrossRotation(files: Int) async throws {
        try await LogStoreFixture.with { store in
            let seen = Shared(0)
            let rotation = Rotation(files: files, rotations: 15 * files)
            let entries = try store.reader.entries(store.query(follow: true))
            async let writing: Void = rotation.write(try store.file("c1", limit: Rotation.limit, count: files), seen)
            for await entry in entries {
                guard rotation.check(entry, seen) else { break }
            }
            try await writing
            #expect(seen.current == rotation.total)
        }
    }

    /// The same without a pause between two looks, so that files are renamed while they are looked for.
    @Test(.timeLimit(.minutes(2)), arguments: [1, 2, 3, 10]) func whileFilesAreRenamed(files: Int) async throws {
        try await LogStoreFixture.with { store in
            let seen = Shared(0)
            let rotation = Rotation(files: files, rotations: 200)
            var merge = try store.reader.merge(store.query(follow: true))
            async let writing: Void = rotation.write(try store.file("c1", limit: Rotation.limit, count: files), seen)
            var goesOn = true
            while goesOn {
                merge.refresh()
                while goesOn, let entry = merge.next() { goesOn = rotation.check(entry, seen) }
                await Task.yield()
            }
            try await writing
            #expect(seen.current == rotation.total)
        }
    }

    /// Numbered lines, and a writer of them that waits for the reader before the store would drop what is unread.
    private struct Rotation {
        static let limit = 16 << 10
        private static let linesInFile = 150
        private static let text = String(repeating: "x", count: 50)

        let ahead: Int
        let total: Int

        init(files: Int, rotations: Int) {
            ahead = Self.linesInFile * max(1, files - 1)
            total = Self.linesInFile * rotations
        }

        func write(_ file: consuming LogFile, _ seen: Shared<Int>) async {
            var file = file
            let clock = ContinuousClock()
            let deadline = clock.now.advanced(by: .seconds(60))
            for start in stride(from: 0, to: total, by: 10) {
                while start + 10 - seen.current > ahead, clock.now < deadline { await Task.yield() }
                file.write((start..<start + 10).map { LogRecord("line \($0) \(Self.text)", at: $0) })
            }
            file.close()
        }

        /// Whether there is more to come after this line.
        func check(_ entry: LogEntry, _ seen: Shared<Int>) -> Bool {
            let expected = seen.current
            guard entry.line.text == "line \(expected) \(Self.text)" else {
                Issue.record("instead of line \(expected): \(entry.line.text)")
                return false
            }
            seen.change { $0 += 1 }
            return expected + 1 < total
        }
    }

    @Test(.timeLimit(.minutes(1))) func newContainers() async throws {
        try await LogStoreFixture.with { store in
            let entries = try store.reader.entries(store.query(since: 0, follow: true))
            try await LogStoreFixture.following(entries) { seen in
                try store.write("c1", LogRecord("too old", at: -1), LogRecord("a", at: 0))
                _ = try await eventually { seen.texts == ["a"] ? true : nil }
                try store.write("c2", LogRecord("b", at: 1), LogRecord("c", at: 2))
                _ = try await eventually { seen.texts == ["a", "b", "c"] ? true : nil }
                try store.write("c1", LogRecord("d", at: 3))
                _ = try await eventually { seen.texts == ["a", "b", "c", "d"] ? true : nil }
                #expect(seen.current.map(\.instance) == ["c1", "c2", "c2", "c1"])
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func oneInstance() async throws {
        try await LogStoreFixture.with { store in
            let entries = try store.reader.entries(store.query(instance: "c2", follow: true))
            try await LogStoreFixture.following(entries) { seen in
                try store.write("c1", LogRecord("a", at: 0))
                try store.write("c2", LogRecord("b", at: 1))
                _ = try await eventually { seen.texts.isEmpty ? nil : true }
                #expect(seen.texts == ["b"])
            }
        }
    }

    /// A container whose files are removed is forgotten, its file closed; one of the same name may come again.
    @Test(.timeLimit(.minutes(1))) func removedFiles() async throws {
        try await LogStoreFixture.with { store in
            try store.write("c1", LogRecord("a", at: 0))
            try store.write("c2", LogRecord("b", at: 1))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)],
                ofItemAtPath: store.directory.path + "/ns/fn/c1.log")
            let entries = try store.reader.entries(store.query(follow: true))
            try await LogStoreFixture.following(entries) { seen in
                _ = try await eventually { seen.texts == ["a", "b"] ? true : nil }
                LogPruner.prune(directory: store.directory.path + "/ns/fn", keeping: 1)
                #expect(store.directory.names("ns/fn") == ["c2.log"])
                _ = try await eventually { store.openPositions().count == 1 ? true : nil }
                try store.write("c2", LogRecord("c", at: 2))
                try store.write("c1", LogRecord("d", at: 3))
                _ = try await eventually { seen.texts.count == 4 ? true : nil }
                #expect(Set(seen.texts.suffix(2)) == ["c", "d"])
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func manyReaders() async throws {
        try await LogStoreFixture.with { store in
            let seen = Shared(0)
            let entries = try store.reader.entries(store.query(follow: true))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        for await _ in entries { seen.change { $0 += 1 } }
                    }
                }
                try store.write("c1", LogRecord("a", at: 0))
                _ = try await eventually { seen.current == 200 ? true : nil }
                group.cancelAll()
            }
            #expect(store.openPositions().isEmpty)
        }
    }
}
