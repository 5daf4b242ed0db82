#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Finds the lines of a head that may arrive in pieces. Every byte is looked at once, however small the pieces are.
struct HeadScanner {
    enum Line {
        /// A line without its CRLF.
        case line(Range<Int>)
        /// The empty line that ends the head.
        case end
        /// More bytes are needed.
        case incomplete
    }

    /// Where the next line begins; behind the last line that was given.
    private(set) var lineStart = 0
    /// No line feed stands between `lineStart` and here.
    private var scanned = 0

    /// The next line.
    ///
    /// - Parameters:
    ///   - bytes: the head from its first byte, with at least as many bytes as in the last call.
    ///   - limit: the most bytes a head may have.
    mutating func next(_ bytes: Bytes, limit: Int) throws(HeadFault) -> Line {
        guard let base = bytes.baseAddress, scanned < bytes.count,
            let found = memchr(base + scanned, Int32(UInt8.lineFeed), bytes.count - scanned)
        else {
            scanned = bytes.count
            guard scanned <= limit else { throw .headTooLong }
            return .incomplete
        }
        let lineFeed = UnsafeRawPointer(found) - base
        guard lineFeed < limit else { throw .headTooLong }
        guard lineFeed > lineStart, bytes[lineFeed - 1] == .carriageReturn else { throw .bareLineFeed }
        let line = lineStart..<(lineFeed - 1)
        lineStart = lineFeed + 1
        scanned = lineStart
        return line.isEmpty ? .end : .line(line)
    }
}
