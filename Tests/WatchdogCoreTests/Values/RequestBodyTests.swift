import Testing

@testable import WatchdogCore

@Suite struct RequestBodyTests {
    /// Decodes a body that arrives in pieces of `step` bytes.
    /// - Returns: payload and bytes left over, or nil when it is malformed.
    private func decode(
        _ text: String, _ framing: RequestHead.Framing = .chunked, step: Int = .max
    ) -> (payload: String, rest: Int, isComplete: Bool)? {
        var body = RequestBody(framing)
        let bytes = Array(text.utf8)
        var payload: [UInt8] = []
        var place = 0
        while place < bytes.count, !body.isComplete {
            let end = step < bytes.count - place ? place + step : bytes.count
            switch bytes[place..<end].withUnsafeBytes({ body.next($0) }) {
            case .framing(let count):
                place += count
            case .payload(let count):
                payload += bytes[place..<place + count]
                body.consumed(count)
                place += count
            case .malformed:
                return nil
            }
        }
        return (String(decoding: payload, as: UTF8.self), bytes.count - place, body.isComplete)
    }

    @Test func countsALength() throws {
        let whole = try #require(decode("hellorest", .length(5), step: 2))
        #expect(whole == ("hello", 4, true))
        #expect(RequestBody(.none).isComplete)
    }

    @Test func decodesChunksWhereverTheyAreCut() throws {
        let text = "5\r\nhello\r\n00A;name=\"v\"\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\nnext"
        for step in 1...text.utf8.count {
            let whole = try #require(decode(text, step: step))
            #expect(whole == ("hello0123456789", 4, true))
        }
    }

    @Test func waitsForTheEnd() throws {
        for text in ["5\r\nhel", "5\r\nhello\r\n", "0\r\n", "0\r\nTrailer: x\r\n"] {
            #expect(try #require(decode(text)).isComplete == false)
        }
    }

    @Test(arguments: [
        "5\rX", "5\nhello\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhelloX", "\r\n", "x\r\n", "-5\r\n", " 5\r\n", "5 \r\n",
        "0x5\r\n",
        "1000000000000000\r\n", ";\r\n", "5;a\u{1}\r\n", "0\r\n\n", "0\r\n folded\r\n\r\n", "0\r\nT: \u{0}\r\n\r\n",
    ])
    func refusesImproperChunks(text: String) {
        #expect(decode(text) == nil)
    }

    @Test func boundsExtensionsAndTrailers() {
        let blown = String(repeating: "a", count: Limits.chunkOverhead)
        #expect(decode("1;\(blown)\r\nx\r\n0\r\n\r\n")?.payload == "x")
        #expect(decode("1;\(blown)b\r\nx\r\n0\r\n\r\n") == nil)
        #expect(decode("0\r\n\(blown)b\r\n\r\n") == nil)
        let small = String(repeating: "1;aaaaaaaa\r\nx\r\n", count: Limits.chunkOverhead / 8 + 1)
        #expect(decode(small) == nil)
    }
}
