#if canImport(Proxy)
    @testable import Proxy
#endif

/// Chunked bodies.
enum ChunkProperty {
    /// What was passed on, and what was left behind the end.
    private struct Passed: Equatable {
        var bytes: [UInt8] = []
        var rest = 0
        var isEnded = false
    }

    static func check(_ input: [UInt8]) throws {
        let (raw, content) = (passed(input, ends: [], contentOnly: false), passed(input, ends: [], contentOnly: true))
        for ends in Arrival.ends(of: input) {
            try Violation.unless(passed(input, ends: ends, contentOnly: false) == raw, "raw bytes differ at \(ends)")
            try Violation.unless(passed(input, ends: ends, contentOnly: true) == content, "content differs at \(ends)")
        }
        try Violation.unless((raw == nil) == (content == nil), "one way of reading fails and the other does not")
        guard let raw, let content else { return }
        try Violation.unless(raw.isEnded == content.isEnded && raw.rest == content.rest, "the ends differ")
        // Read again, the same is passed on: what a replica sees has no trailers and one meaning.
        try Violation.unless(passed(raw.bytes, ends: [], contentOnly: false)?.bytes == raw.bytes, "not stable")
        if raw.isEnded {
            try Violation.unless(try naiveContent(raw.bytes) == content.bytes, "the content is not that of the chunks")
        }
    }

    /// - Returns: `nil` when the body is refused.
    private static func passed(_ bytes: [UInt8], ends: [Int], contentOnly: Bool) -> Passed? {
        var framing = BodyFraming.chunked(ChunkScanner())
        var passed = Passed()
        var position = 0
        for end in ends + [bytes.count] {
            while position < end {
                let part = Array(bytes[position..<end])
                let run: (before: Int, count: Int, behind: Int)? = part.withUnsafeBytes { part in
                    if contentOnly { return (try? framing.takeContent(part)).map { ($0.skip, $0.content, 0) } }
                    return (try? framing.takeRaw(part)).map { (0, $0.pass, $0.skip) }
                }
                guard let run else { return nil }
                if run.before + run.count + run.behind == 0 { break }
                passed.bytes += part[run.before..<run.before + run.count]
                position += run.before + run.count + run.behind
            }
        }
        passed.rest = bytes.count - position
        passed.isEnded = framing.isEnded
        return passed
    }

    /// Reads a whole chunked body without trailers in the plainest way.
    private static func naiveContent(_ bytes: [UInt8]) throws -> [UInt8] {
        var content: [UInt8] = []
        var rest = bytes[...]
        while true {
            guard let lineFeed = rest.firstIndex(of: 10), lineFeed > rest.startIndex, rest[lineFeed - 1] == 13 else {
                throw Violation(description: "a size line without an end was passed on")
            }
            let line = rest[rest.startIndex..<lineFeed - 1]
            try Violation.unless(!line.contains(13), "a bare carriage return was passed on")
            let digits = String(decoding: line.prefix { $0 != 0x3B }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size >= 0, digits.allSatisfy(\.isHexDigit) else {
                throw Violation(description: "the size \(digits) was passed on")
            }
            rest = rest[(lineFeed + 1)...]
            try Violation.unless(rest.count >= size + 2, "a chunk that is cut off was passed on")
            content += rest.prefix(size)
            rest = rest.dropFirst(size)
            try Violation.unless(rest.starts(with: [13, 10]), "a chunk without an end was passed on")
            rest = rest.dropFirst(2)
            if size == 0 {
                try Violation.unless(rest.isEmpty, "bytes behind the last chunk were passed on")
                return content
            }
        }
    }
}
