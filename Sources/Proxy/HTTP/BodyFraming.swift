/// Why a body cannot be accepted.
enum BodyFault: Error {
    case malformedChunk
}

/// How the end of a body is found, and how much of it is still to come.
enum BodyFraming: Equatable {
    /// So many bytes; 0 is no body, or its end.
    case length(Int)
    case chunked(ChunkScanner)
    /// Whatever comes until the sender closes.
    case untilClose

    /// Whether the last byte was taken.
    var isEnded: Bool {
        switch self {
        case .length(let remaining): remaining == 0
        case .chunked(let scanner): scanner.isEnded
        case .untilClose: false
        }
    }

    /// A run of bytes at the front of those that were given.
    struct Run: Equatable {
        /// How many bytes to pass on, from the front.
        var pass = 0
        /// How many bytes to leave out behind them.
        var skip = 0
        /// How many of those to pass on are content, and not the framing of chunks.
        var content = 0
    }

    /// The next bytes that can be passed on as they are, framing and all, trailers left out.
    ///
    /// - Returns: an empty run when more bytes are needed or the body is over.
    @inline(__always)
    mutating func takeRaw(_ bytes: Bytes) throws(BodyFault) -> Run {
        switch self {
        case .length(let remaining):
            let count = min(remaining, bytes.count)
            self = .length(remaining - count)
            return Run(pass: count, content: count)
        case .untilClose:
            return Run(pass: bytes.count, content: bytes.count)
        case .chunked(var scanner):
            let run = try Self.rawRun(&scanner, bytes)
            self = .chunked(scanner)
            return run
        }
    }

    /// The next bytes of the content alone, without any framing.
    mutating func takeContent(_ bytes: Bytes) throws(BodyFault) -> (skip: Int, content: Int) {
        guard case .chunked(var scanner) = self else { return (0, try takeRaw(bytes).pass) }
        defer { self = .chunked(scanner) }
        var skip = 0
        while true {
            switch try scanner.next(bytes.part(skip..<bytes.count)) {
            case .data(let count): return (skip, count)
            case .framing(let count), .trailer(let count): skip += count
            case .incomplete, .end: return (skip, 0)
            }
        }
    }

    private static func rawRun(_ scanner: inout ChunkScanner, _ bytes: Bytes) throws(BodyFault) -> Run {
        var run = Run()
        while true {
            switch try scanner.next(bytes.part(run.pass + run.skip..<bytes.count)) {
            case .data(let count):
                run.pass += count
                run.content += count
            case .framing(let count):
                run.pass += count
            case .trailer(let count):
                run.skip += count
                return run
            case .incomplete, .end:
                return run
            }
        }
    }
}
