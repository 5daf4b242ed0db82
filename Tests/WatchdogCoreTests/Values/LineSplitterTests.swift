import Testing

@testable import WatchdogCore

@Suite struct LineSplitterTests {
    private func split(_ pieces: [String], limit: Int) -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        let collect: (UnsafeRawBufferPointer) -> Bool = { line in
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        for piece in pieces {
            #expect(withBytes(piece) { splitter.feed($0, emit: collect) } == piece.utf8.count)
        }
        splitter.finish(emit: collect)
        return lines
    }

    @Test func splitsLinesWhereverTheyAreCut() {
        let text = "one\n\ntwo three\nlast"
        for cut in 0...text.utf8.count {
            let pieces = [String(text.prefix(cut)), String(text.dropFirst(cut))]
            #expect(split(pieces, limit: 100) == ["one", "", "two three", "last"])
        }
    }

    @Test func cutsLongLines() {
        #expect(split(["abcdefgh\nxy\n"], limit: 3) == ["abc", "def", "gh", "xy"])
        #expect(split(["ab", "cd", "ef\n"], limit: 4) == ["abcd", "ef"])
        #expect(split(["abc\n"], limit: 3) == ["abc"])
    }

    @Test func givesBackWhatIsRefused() {
        var splitter = LineSplitter(limit: 100)
        var lines: [String] = []
        var room = 1
        let emit: (UnsafeRawBufferPointer) -> Bool = { line in
            guard room > 0 else { return false }
            room -= 1
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        #expect(withBytes("pa") { splitter.feed($0, emit: emit) } == 2)
        #expect(withBytes("rt\ntwo\nthree") { splitter.feed($0, emit: emit) } == 3)
        room = 2
        #expect(withBytes("two\nthree") { splitter.feed($0, emit: emit) } == 9)
        splitter.finish(emit: emit)
        #expect(lines == ["part", "two", "three"])
    }
}
