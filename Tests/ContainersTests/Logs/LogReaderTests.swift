import CSystemd
import Foundation
import Testing

@testable import Containers

/// Lines of the file store that are there already.
@Suite struct LogReaderTests {
    /// Lines 0 to 399, a second apart, of four containers in turn, in files of 4 KiB.
    private func fill(_ store: LogStoreFixture) throws {
        for container in 0..<4 {
            var file = try store.file("c\(container)", limit: 4096, count: 3)
            for number in stride(from: container, to: 400, by: 4) {
                file.write([LogRecord("line \(number)", at: number)])
            }
            file.close()
            #expect(store.directory.names("ns/fn").contains("c\(container).log.1"))
        }
    }

    private func numbered(_ range: Range<Int>) -> [String] { range.map { "line \($0)" } }

    @Test func oldestFirstOverContainersAndFiles() async throws {
        try await LogStoreFixture.with { store in
            try fill(store)
            let lines = try await store.lines(store.query())
            #expect(lines.map(\.line.text) == numbered(0..<400))
            #expect(
                lines[5]
                    == LogEntry(
                        instance: "c1",
                        line: LogLine(time: "2023-11-14T22:13:25.000000000Z", stream: .output, text: "line 5")))
        }
    }

    @Test(arguments: [1, 2, 7, 399, 400, 10_000, .max])
    func tail(count: Int) async throws {
        try await LogStoreFixture.with { store in
            try fill(store)
            #expect(try await store.texts(store.query(tail: count)) == numbered(max(0, 400 - min(count, 400))..<400))
        }
    }

    @Test(arguments: [0, -1, Int.min])
    func tailOfNone(count: Int) async throws {
        try await LogStoreFixture.with { store in
            try fill(store)
            #expect(try await store.texts(store.query(tail: count)).isEmpty)
        }
    }

    @Test(arguments: [-5, 0, 1, 200, 399, 400])
    func since(offset: Int) async throws {
        try await LogStoreFixture.with { store in
            try fill(store)
            let first = max(0, offset)
            #expect(try await store.texts(store.query(since: offset)) == numbered(first..<400))
            #expect(try await store.texts(store.query(since: offset, tail: 20)) == numbered(max(380, first)..<400))
        }
    }

    @Test func instance() async throws {
        try await LogStoreFixture.with { store in
            try fill(store)
            let lines = try await store.lines(store.query(instance: "c2"))
            #expect(lines.map(\.line.text) == stride(from: 2, to: 400, by: 4).map { "line \($0)" })
            #expect(lines.allSatisfy { $0.instance == "c2" })
            #expect(try await store.texts(store.query(instance: "c2", tail: 2)) == ["line 394", "line 398"])
            #expect(try await store.texts(store.query(instance: "c")).isEmpty)
        }
    }

    /// After a container was set aside and wrote no more, and after a renaming was cut off.
    @Test func filesWithGapsBetween() async throws {
        try await LogStoreFixture.with { store in
            try store.write("c1", LogRecord("old", at: 0))
            try FileManager.default.moveItem(
                atPath: store.directory.path + "/ns/fn/c1.log", toPath: store.directory.path + "/ns/fn/c1.log.1")
            #expect(try await store.texts(store.query()) == ["old"])
            #expect(try await store.texts(store.query(instance: "c1", tail: 1)) == ["old"])
            try FileManager.default.moveItem(
                atPath: store.directory.path + "/ns/fn/c1.log.1", toPath: store.directory.path + "/ns/fn/c1.log.2")
            try store.write("c1", LogRecord("new", at: 1))
            #expect(try await store.texts(store.query()) == ["old", "new"])
            #expect(try await store.texts(store.query(tail: 2)) == ["old", "new"])
        }
    }

    @Test func longLines() async throws {
        try await LogStoreFixture.with { store in
            let longest = String(repeating: "x", count: 1 << 20)
            try store.write("c1", LogRecord("before", at: 0), LogRecord(longest, at: 1), LogRecord("after", at: 2))
            #expect(try await store.texts(store.query()) == ["before", longest, "after"])
            #expect(try await store.texts(store.query(tail: 2)) == [longest, "after"])
        }
    }

    @Test func partsAreJoined() async throws {
        try await LogStoreFixture.with { store in
            let parts = [LogRecord("a", at: 1, ends: false), LogRecord("b", at: 2, ends: false), LogRecord("c", at: 3)]
            var file = try store.file("c1")
            file.write([LogRecord("before", at: 0)] + parts + [LogRecord("after", .error, at: 4)])
            file.close()
            #expect(try await store.texts(store.query()) == ["before", "abc", "after"])
            #expect(try await store.texts(store.query(tail: 2)) == ["abc", "after"])
            #expect(try await store.texts(store.query(tail: 1)) == ["after"])
            try store.write("c2", LogRecord("no rest", at: 5, ends: false))
            #expect(try await store.texts(store.query(tail: 2)) == ["after", "no rest"])
        }
    }

    /// Also when the parts are in two files.
    @Test func partsInTwoFilesAreJoined() async throws {
        try await LogStoreFixture.with { store in
            let text = String(repeating: "x", count: 3000)
            var file = try store.file("c1", limit: 4096)
            file.write([LogRecord("before", at: 0), LogRecord(text, at: 1, ends: false), LogRecord(text, at: 2)])
            file.close()
            #expect(store.directory.names("ns/fn") == ["c1.log", "c1.log.1"])
            #expect(try await store.texts(store.query(tail: 1)) == [text + text])
        }
    }

    @Test func anyBytes() async throws {
        try await LogStoreFixture.with { store in
            var record = LogRecord("", at: 0)
            record.bytes = [0, 0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x20, 0x0d]
            try store.write("c1", record)
            #expect(try await store.texts(store.query()) == ["\0a\u{fffd}\u{fffd}(\u{fffd} \r"])
        }
    }

    @Test func linesOfAnotherFormArePassedOver() async throws {
        try await LogStoreFixture.with { store in
            let garbage = String(repeating: "z", count: 200_000)
            try store.write("c1", LogRecord("one", at: 0))
            let path = "ns/fn/c1.log"
            let first = try #require(store.directory.text(path))
            try store.directory.write("\n\(garbage)\n\(first)x y z\n", to: path)
            try store.write("c1", LogRecord("two", at: 1))
            let second = try #require(store.directory.text(path))
            try store.directory.write(second + "2023-11-14T22:13:25Z stdout F not yet compl", to: path)
            #expect(try await store.texts(store.query()) == ["one", "two"])
            #expect(try await store.texts(store.query(tail: 5)) == ["one", "two"])
            #expect(try await store.texts(store.query(tail: 1)) == ["two"])
        }
    }

    /// What is no plain file is not read, and does not block.
    @Test func otherThingsInTheStore() async throws {
        try await LogStoreFixture.with { store in
            try store.write("c1", LogRecord("one", at: 0))
            let folder = store.directory.path + "/ns/fn"
            try store.directory.write("2023-11-14T22:13:25Z stdout F secret\n", to: "elsewhere")
            symlink("\(store.directory.path)/elsewhere", "\(folder)/link.log")
            mkfifo("\(folder)/pipe.log", 0o600)
            mkdir("\(folder)/folder.log", 0o700)
            #expect(try await store.texts(store.query()) == ["one"])
        }
    }

    @Test func nothing() async throws {
        try await LogStoreFixture.with { store in
            for query in [store.query(), store.query(since: 0, tail: 5)] {
                let texts = try await store.texts(query)
                #expect(texts.isEmpty)
            }
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "../../etc", "a b", "a\n", "a\0", String(repeating: "x", count: 201)])
    func hostileNames(name: String) throws {
        let reader = LogReader(directory: "/nonexistent")
        for query in [
            LogQuery(namespace: name, name: "fn"), LogQuery(namespace: "ns", name: name),
            LogQuery(namespace: "ns", name: "fn", instance: name),
        ] {
            let error = #expect(throws: ContainersError.self) { try reader.entries(query) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test(arguments: [
        ("c1.log", "c1"), ("c1.log.1", "c1"), ("c1.log.12", "c1"), ("a.log.log", "a.log"), ("a.1.log", "a.1"),
        (".log", nil), ("c1.log.x", nil), ("c1.log.0", nil), ("c1.txt", nil), ("log", nil), ("c1.log.", nil),
    ])
    func fileNames(file: String, container: String?) {
        #expect(LogFolder.container(ofFile: file) == container)
    }

    /// The newest containers are read when there are more than may be open at one time.
    @Test func veryManyContainers() async throws {
        try await LogStoreFixture.with { store in
            let count = LogFolder.maximumContainers + 20
            for number in 0..<count {
                try store.write("c\(number)", LogRecord("line \(number)", at: number))
                let times = [timespec(tv_sec: number, tv_nsec: 0), timespec(tv_sec: number, tv_nsec: 0)]
                utimensat(AT_FDCWD, "\(store.directory.path)/ns/fn/c\(number).log", times, 0)
            }
            #expect(try await store.texts(store.query()) == numbered(20..<count))
        }
    }
}
