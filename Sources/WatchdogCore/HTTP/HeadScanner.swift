/// Finds the end of a request head while it arrives, looking at each byte once, and enforces its line ends and size.
struct HeadScanner {
    enum Outcome: Equatable {
        case incomplete
        /// One empty line before the request, which RFC 9112 asks servers to skip: this many bytes.
        case blank(Int)
        /// The head, with its empty line, is this long.
        case complete(Int)
        case rejected(Rejection)
    }

    private var scanned = 0
    private var lineStart = 0
    private var lines = 0
    private var skippedBlank = false

    /// - Parameter bytes: everything received of this head so far; earlier calls saw a prefix of it.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        while let feed = bytes.lineFeed(from: scanned) {
            scanned = feed + 1
            guard feed > 0, bytes[feed - 1] == .carriageReturn, feed > lineStart else {
                return .rejected(.malformed("line does not end in CRLF"))
            }
            let isEmpty = feed - 1 == lineStart
            lineStart = scanned
            if isEmpty { return endOfHead(at: scanned) }
            lines += 1
            if let rejection = checkSize(scanned) { return .rejected(rejection) }
        }
        scanned = bytes.count
        if let rejection = checkSize(scanned) { return .rejected(rejection) }
        return .incomplete
    }

    private mutating func endOfHead(at end: Int) -> Outcome {
        guard lines == 0 else {
            self = HeadScanner()
            return .complete(end)
        }
        guard !skippedBlank else { return .rejected(.malformed("empty request line")) }
        self = HeadScanner()
        skippedBlank = true
        return .blank(end)
    }

    private func checkSize(_ size: Int) -> Rejection? {
        if lines == 0, size > Limits.requestLine {
            return Rejection(status: .uriTooLong, reason: "request line is longer than \(Limits.requestLine) bytes")
        }
        if size > Limits.head {
            return Rejection(status: .headTooLarge, reason: "request head is larger than \(Limits.head) bytes")
        }
        if lines > Limits.fieldCount + 1 {
            return Rejection(status: .headTooLarge, reason: "request has more than \(Limits.fieldCount) header fields")
        }
        return nil
    }
}
