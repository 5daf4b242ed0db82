import Testing

@testable import Proxy

@Suite struct BodyFramingTests {
    /// What was passed on of a body, and what was left behind its end.
    struct Passed: Equatable {
        var bytes: [UInt8] = []
        var rest = 0
        var isEnded = false
    }

    /// Feeds `bytes` in pieces that end at `ends`, as a connection would.
    static func pass(_ bytes: [UInt8], ends: [Int], contentOnly: Bool = false) throws -> Passed {
        var framing = BodyFraming.chunked(ChunkScanner())
        var passed = Passed()
        var position = 0
        for end in ends + [bytes.count] {
            while position < end {
                let part = Array(bytes[position..<end])
                let (before, count, behind) = try part.withUnsafeBytes { part in
                    if contentOnly {
                        let (skip, content) = try framing.takeContent(part)
                        return (skip, content, 0)
                    }
                    let run = try framing.takeRaw(part)
                    return (0, run.pass, run.skip)
                }
                if before + count + behind == 0 { break }
                passed.bytes += bytes[position + before..<position + before + count]
                position += before + count + behind
            }
        }
        passed.rest = bytes.count - position
        passed.isEnded = framing.isEnded
        return passed
    }

    static let body = "5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\nGET /"
    static let bodyPassed = "5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n"

    @Test func trailersAreLeftOutAndWhatFollowsIsNotTouched() throws {
        let raw = try Self.pass(Array(Self.body.utf8), ends: [])
        #expect(raw == Passed(bytes: Array(Self.bodyPassed.utf8), rest: 5, isEnded: true))
        let content = try Self.pass(Array(Self.body.utf8), ends: [], contentOnly: true)
        #expect(content == Passed(bytes: Array("hello0123456789".utf8), rest: 5, isEnded: true))
    }

    @Test func everySplitGivesTheSameBytes() throws {
        let bytes = Array(Self.body.utf8)
        for contentOnly in [false, true] {
            let whole = try Self.pass(bytes, ends: [], contentOnly: contentOnly)
            for end in bytes.indices {
                #expect(try Self.pass(bytes, ends: [end], contentOnly: contentOnly) == whole, "split at \(end)")
            }
            #expect(try Self.pass(bytes, ends: Array(bytes.indices), contentOnly: contentOnly) == whole)
        }
    }

    @Test(arguments: [
        "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\rX0\r\n\r\n",
        "\r\n", "g\r\n", "-1\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "0x5\r\nhello\r\n", ";a\r\n",
        "5;a\nb\r\nhello\r\n", "5;\u{0}\r\nhello\r\n", "FFFFFFFFFFFFFFFF\r\n", "0\r\n\n", "0\r\nX\n\r\n",
        "0\r\nX: a\rb\r\n\r\n", "0\r\n\rX", "1;" + String(repeating: "x", count: 600) + "\r\n",
        "0\r\n" + String(repeating: "A: b\r\n", count: 4000),
    ])
    func malformedChunksAreRefused(_ text: String) {
        #expect(throws: BodyFault.self) { try Self.pass(Array(text.utf8), ends: []) }
        #expect(throws: BodyFault.self) { try Self.pass(Array(text.utf8), ends: Array(0..<text.utf8.count)) }
    }

    @Test func lengthAndClose() throws {
        let bytes = Array("0123456789".utf8)
        try bytes.withUnsafeBytes { bytes in
            var length = BodyFraming.length(4)
            let runs = [try length.takeRaw(bytes), try length.takeRaw(bytes)]
            #expect(runs == [BodyFraming.Run(pass: 4, content: 4), BodyFraming.Run()])
            #expect(length.isEnded)
            var open = BodyFraming.untilClose
            let all = try open.takeRaw(bytes)
            #expect(all == BodyFraming.Run(pass: 10, content: 10))
            #expect(!open.isEnded)
        }
    }

    /// Random bodies, cut at random places and damaged at random: no crash, and the cuts never matter.
    @Test func randomChunks() {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            var text: [UInt8] = []
            var content: [UInt8] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let chunk = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                content += chunk
                text += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
            }
            text += Array("0\r\n\r\n".utf8)
            let ends = (0..<4).map { _ in Int.random(in: 0...text.count, using: &random) }.sorted()
            let passed = try? Self.pass(text, ends: ends, contentOnly: true)
            #expect(passed == Passed(bytes: content, rest: 0, isEnded: true), "seed \(seed)")
            #expect((try? Self.pass(text, ends: ends))?.bytes == text, "seed \(seed)")
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            let whole = try? Self.pass(text, ends: [])
            #expect((try? Self.pass(text, ends: ends)) == whole, "seed \(seed), \(text), \(ends)")
        }
    }
}
