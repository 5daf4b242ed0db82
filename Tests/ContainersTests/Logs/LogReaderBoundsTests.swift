import Foundation
import Testing

@testable import Containers

/// How much is read, and what stays open.
@Suite(.serialized) struct LogReaderBoundsTests {
    /// Bytes that this thread has read.
    private func bytesRead() throws -> Int {
        let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
        return try #require(Int(line.dropFirst(7)))
    }

    private func fill(_ store: LogStoreFixture, lines: Int) throws {
        var file = try store.file("c1")
        let text = String(repeating: "x", count: 1000)
        for start in stride(from: 0, to: lines, by: 1000) {
            file.write((start..<start + 1000).map { LogRecord("line \($0) \(text)", at: $0) })
        }
        file.close()
    }

    @Test func aTailReadsTheEndOnly() async throws {
        try await LogStoreFixture.with { store in
            try fill(store, lines: 10_000)
            let before = try bytesRead()
            var merge = try store.reader.merge(store.query(tail: 20))
            var lines = 0
            while merge.next() != nil { lines += 1 }
            #expect(lines == 20)
            #expect(try bytesRead() - before < 8 * LogFileBlocks.blockSize)
        }
    }

    @Test(arguments: [1, 2500, 5000, 7777, 9990, 10_000]) func whatIsOlderThanSinceIsNotRead(since: Int) async throws {
        try await LogStoreFixture.with { store in
            try fill(store, lines: 10_000)
            let before = try bytesRead()
            var merge = try store.reader.merge(store.query(since: since))
            var next = since
            while let text = merge.next()?.line.text {
                #expect(text.hasPrefix("line \(next) "))
                next += 1
            }
            #expect(next == 10_000)
            let wanted = (10_000 - since) * 1060
            #expect(try bytesRead() - before < wanted + 24 * LogFileBlocks.blockSize)
        }
    }

    /// Of 4 MiB the few lines that were asked for are read, and the rest waits in the file.
    @Test func aSlowConsumerIsNotReadAhead() async throws {
        try await LogStoreFixture.with { store in
            try fill(store, lines: 3000)
            var iterator = try store.reader.entries(store.query(follow: true)).makeAsyncIterator()
            for number in 0..<10 {
                let text = await iterator.next()?.line.text
                #expect(text?.hasPrefix("line \(number) ") == true)
            }
            let positions = store.openPositions()
            #expect(positions.count == 1)
            #expect(positions.allSatisfy { $0 > 0 && $0 < 512 << 10 })
            for number in 10..<3000 {
                let text = await iterator.next()?.line.text
                #expect(text?.hasPrefix("line \(number) ") == true)
            }
        }
    }

    @Test func withoutFollowItEndsThoughTheWriterGoesOn() async throws {
        try await LogStoreFixture.with { store in
            var file = try store.file("c1", limit: 1 << 20, count: 3)
            let text = String(repeating: "x", count: 1000)
            for number in 0..<500 { file.write([LogRecord("line \(number) \(text)", at: number)]) }
            var next = 500
            var seen = 0
            for await entry in try store.reader.entries(store.query()) {
                #expect(entry.line.text.hasPrefix("line \(seen) "))
                seen += 1
                for _ in 0..<3 {
                    file.write([LogRecord("line \(next) \(text)", at: next)])
                    next += 1
                }
            }
            #expect(seen == 500)
            #expect(store.directory.names("ns/fn").contains("c1.log.1"))
            file.close()
        }
    }

    /// The store drops the file that was the last at the start before it was reached: what was open is read, and
    /// nothing that came later.
    @Test func withoutFollowItEndsThoughAllFilesWereReplaced() async throws {
        try await LogStoreFixture.with { store in
            var file = try store.file("c1", limit: 4096, count: 3)
            let text = String(repeating: "x", count: 1000)
            for number in 0..<8 { file.write([LogRecord("line \(number) \(text)", at: number)]) }
            var merge = try store.reader.merge(store.query())
            func next() -> Substring? { merge.next()?.line.text.prefix(7) }
            #expect(next() == "line 0 ")
            for number in 8..<30 { file.write([LogRecord("line \(number) \(text)", at: number)]) }
            #expect([next(), next(), next(), next(), next()] == ["line 1 ", "line 2 ", "line 6 ", "line 7 ", nil])
            file.close()
        }
    }

    @Test func nothingStaysOpenAtTheEnd() async throws {
        try await LogStoreFixture.with { store in
            for number in 0..<5 { try store.write("c\(number)", LogRecord("x", at: number)) }
            let entries = try store.reader.entries(store.query())
            #expect(store.openPositions().isEmpty)
            var iterator = entries.makeAsyncIterator()
            #expect(await iterator.next() != nil)
            #expect(store.openPositions().count == 5)
            while await iterator.next() != nil {}
            #expect(store.openPositions().isEmpty)
            #expect(await iterator.next() == nil)
        }
    }

    @Test func nothingStaysOpenWhenTheConsumerStops() async throws {
        try await LogStoreFixture.with { store in
            for number in 0..<5 { try store.write("c\(number)", LogRecord("x", at: number)) }
            for await _ in try store.reader.entries(store.query(follow: true)) { break }
            _ = try await eventually { store.openPositions().isEmpty ? true : nil }
        }
    }

    @Test(.timeLimit(.minutes(1))) func cancellationClosesAtOnce() async throws {
        try await LogStoreFixture.with { store in
            for number in 0..<5 { try store.write("c\(number)", LogRecord("x", at: number)) }
            let seen = Shared(0)
            let entries = try store.reader.entries(store.query(follow: true))
            let reading = Task {
                var iterator = entries.makeAsyncIterator()
                while await iterator.next() != nil { seen.change { $0 += 1 } }
                #expect(store.openPositions().isEmpty)
            }
            defer { reading.cancel() }
            _ = try await eventually { seen.current == 5 ? true : nil }
            #expect(store.openPositions().count == 5)
            let start = ContinuousClock().now
            reading.cancel()
            await reading.value
            #expect(start.duration(to: ContinuousClock().now) < .seconds(2))
            #expect(store.openPositions().isEmpty)
        }
    }
}
