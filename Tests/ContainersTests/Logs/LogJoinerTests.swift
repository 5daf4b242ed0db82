import Testing

@testable import Containers

@Suite struct LogJoinerTests {
    private func piece(
        _ text: String, _ instance: String = "c1", _ stream: LogLine.Stream = .output, ends: Bool, at seconds: Int = 0
    ) -> LogPiece {
        LogPiece(
            instance: instance, time: LogTime(seconds: seconds, nanoseconds: 0), stream: stream, endsLine: ends,
            bytes: Array(text.utf8))
    }

    @Test func partsOfOneStreamOfOneContainerBelongTogether() {
        var joiner = LogJoiner()
        #expect(joiner.add(piece("a", ends: false, at: 1)).isEmpty)
        #expect(joiner.add(piece("b", "c2", ends: true)).map(\.line.text) == ["b"])
        #expect(joiner.add(piece("c", "c1", .error, ends: true)).map(\.line.text) == ["c"])
        #expect(joiner.add(piece("d", ends: false, at: 2)).isEmpty)
        let lines = joiner.add(piece("e", ends: true, at: 3))
        #expect(lines.map(\.line.text) == ["ade"])
        #expect(lines.first?.line.time == "1970-01-01T00:00:01.000000000Z")
        #expect(joiner.finish().isEmpty)
    }

    /// A character that is cut in two by the parts is whole again.
    @Test func charactersAreRepairedAfterJoining() {
        var joiner = LogJoiner()
        var first = piece("", ends: false)
        first.bytes = [0xc3]
        var second = piece("", ends: true)
        second.bytes = [0xa9, 0xff]
        #expect(joiner.add(first).isEmpty)
        #expect(joiner.add(second).map(\.line.text) == ["é\u{fffd}"])
    }

    @Test func aLineWithoutEndComesInPieces() {
        var joiner = LogJoiner()
        let part = String(repeating: "x", count: 400_000)
        var lengths: [Int] = []
        for _ in 0..<10 { lengths += joiner.add(piece(part, ends: false)).map(\.line.text.utf8.count) }
        lengths += joiner.finish().map(\.line.text.utf8.count)
        #expect(lengths == [Int](repeating: 800_000, count: 5))
        #expect(joiner.add(piece(String(repeating: "x", count: 1 << 20), ends: false)).count == 1)
    }

    @Test func whatWaitsIsBounded() {
        var joiner = LogJoiner()
        let part = String(repeating: "x", count: 500_000)
        var given = 0
        for number in 0..<100 { given += joiner.add(piece(part, "c\(number)", ends: false)).count }
        #expect(given == 92)
        #expect(joiner.finish().count == 8)
    }
}
