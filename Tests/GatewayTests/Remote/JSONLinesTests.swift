import NIOCore
import Provider
import Testing

@testable import Gateway

struct JSONLinesTests {
    private func all(_ pieces: [String]) throws -> [String] {
        var lines = JSONLines()
        var found: [String] = []
        for piece in pieces {
            lines.append(ByteBuffer(string: piece))
            while let line = try lines.next() { found.append(String(buffer: line)) }
        }
        lines.end()
        while let line = try lines.next() { found.append(String(buffer: line)) }
        #expect(lines.isEnded)
        return found
    }

    @Test func linesAreWholeWhereverTheyAreCut() throws {
        let text = "{\"a\":1}\n\n{\"b\":2}\nlast"
        for size in 1...text.count {
            let characters = Array(text)
            let pieces = stride(from: 0, to: characters.count, by: size).map {
                String(characters[$0..<min($0 + size, characters.count)])
            }
            #expect(try all(pieces) == ["{\"a\":1}", "{\"b\":2}", "last"])
        }
    }

    @Test func nothingIsNoLine() throws {
        #expect(try all([]).isEmpty)
        #expect(try all(["\n\n"]).isEmpty)
    }

    @Test func aLineHasALimit() throws {
        let longest = String(repeating: "x", count: JSONLines.lineLimit)
        #expect(try all([longest, "\n"]).map(\.utf8.count) == [JSONLines.lineLimit])
        #expect(throws: ProviderError.self) { try all([longest, "x"]) }
        #expect(throws: ProviderError.self) { try all([longest + "x\n"]) }
    }
}
