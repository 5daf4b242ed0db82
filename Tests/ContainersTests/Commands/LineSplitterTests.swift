import Testing

@testable import Containers

@Suite struct LineSplitterTests {
    private func split(_ chunks: [String], maximum: Int = 8) -> [String] {
        var splitter = LineSplitter(maximumLength: maximum)
        var pieces: [LineSplitter.Piece] = []
        for chunk in chunks {
            pieces += Array(chunk.utf8).withUnsafeBytes { splitter.append($0) }
        }
        if let last = splitter.finish() { pieces.append(last) }
        return pieces.map { String(decoding: $0.bytes, as: UTF8.self) + ($0.endsLine ? "$" : "+") }
    }

    @Test func lines() {
        #expect(split(["a\nb\n"]) == ["a$", "b$"])
        #expect(split(["a", "b\n\n", "c"]) == ["ab$", "$", "c$"])
        #expect(split([]) == [])
        #expect(split(["\n"]) == ["$"])
    }

    @Test func longLinesComeInPieces() {
        #expect(split(["1234567890\nx\n"]) == ["12345678+", "90$", "x$"])
        #expect(split(["12345678\n"]) == ["12345678$"])
        #expect(split(["1234", "5678", "9"]) == ["12345678+", "9$"])
        #expect(split([String(repeating: "x", count: 20)], maximum: 8) == ["xxxxxxxx+", "xxxxxxxx+", "xxxx$"])
    }

    /// Any way of cutting the stream gives the same lines.
    @Test func chunksDoNotMatter() {
        let text = "ab\n\ncdefghijklmnop\nq\n123456789"
        let whole = split([text])
        for first in 0...text.count {
            for second in first...text.count {
                let cuts = [
                    String(text.prefix(first)), String(text.prefix(second).dropFirst(first)),
                    String(text.dropFirst(second)),
                ]
                #expect(split(cuts) == whole)
            }
        }
    }
}
