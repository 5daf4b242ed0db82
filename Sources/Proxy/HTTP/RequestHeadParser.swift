/// Parses request heads strictly: what two parties might read differently is refused.
///
/// The caller keeps the bytes from the head's first byte on, and calls ``parse(_:)`` whenever there are more.
struct RequestHeadParser {
    enum Progress {
        case incomplete
        /// ``head`` is valid for the bytes that were given.
        case complete
    }

    private(set) var head = RequestHead()
    private let limits: HeadLimits
    private var scanner = HeadScanner()
    private var sawRequestLine = false

    init(limits: HeadLimits) {
        self.limits = limits
    }

    /// Gets ready for the next head.
    mutating func reset() {
        head.reset()
        scanner = HeadScanner()
        sawRequestLine = false
    }

    /// Goes on parsing.
    ///
    /// - Parameter bytes: everything from the head's first byte on; more may follow behind the head.
    mutating func parse(_ bytes: Bytes) throws(HeadFault) -> Progress {
        // Something like a TLS greeting has no lines, so it must be told from its first byte.
        guard let first = bytes.first else { return .incomplete }
        guard first.isToken || first == .carriageReturn || first == .lineFeed else { throw .malformedRequestLine }
        while true {
            switch try scanner.next(bytes, limit: limits.bytes) {
            case .line(let line) where sawRequestLine:
                guard head.fields.count < limits.fields else { throw .tooManyFields }
                let field = try FieldLine(bytes, line: line)
                try note(field, bytes)
                head.fields.append(field)
            case .line(let line):
                try parseRequestLine(bytes, line)
                head.fieldsStart = scanner.lineStart
                sawRequestLine = true
            case .end where sawRequestLine:
                head.length = scanner.lineStart
                try check()
                return .complete
            case .end:
                // One empty line before a request is tolerated (RFC 9112 §2.2).
                guard scanner.lineStart == 2 else { throw .malformedRequestLine }
            case .incomplete:
                if !sawRequestLine, bytes.count - scanner.lineStart > limits.targetBytes + 64 { throw .targetTooLong }
                return .incomplete
            }
        }
    }

    private mutating func parseRequestLine(_ bytes: Bytes, _ line: Range<Int>) throws(HeadFault) {
        var position = line.lowerBound
        while position < line.upperBound, bytes[position].isToken { position += 1 }
        guard position > line.lowerBound, position - line.lowerBound <= 32, position < line.upperBound,
            bytes[position] == .space
        else { throw .malformedRequestLine }
        head.methodRange = line.lowerBound..<position
        head.method = RequestMethod(bytes.part(head.methodRange))
        let start = position + 1
        position = start
        while position < line.upperBound, bytes[position].isTarget { position += 1 }
        guard position - start <= limits.targetBytes else { throw .targetTooLong }
        guard position > start, position < line.upperBound, bytes[position] == .space else {
            throw .malformedRequestLine
        }
        try parseVersion(bytes.part(position + 1..<line.upperBound))
        guard head.method != .connect else { throw .connectMethod }
        try parseTarget(bytes, start..<position)
    }

    private mutating func parseVersion(_ text: Bytes) throws(HeadFault) {
        guard text.count == 8, text.holds("HTTP/"), text[5].isDigit, text[6] == .dot,
            text[7].isDigit
        else { throw .malformedRequestLine }
        guard text[5] == 0x31, text[7] == 0x30 || text[7] == 0x31 else { throw .unsupportedVersion }
        head.isHTTP11 = text[7] == 0x31
    }

    /// Origin form, absolute form with `http`, or `*` (RFC 9112 §3.2).
    private mutating func parseTarget(_ bytes: Bytes, _ range: Range<Int>) throws(HeadFault) {
        let target = bytes.part(range)
        if target[0] == .slash || (target.count == 1 && target.holds("*")) {
            head.target = range
            return
        }
        guard target.count > 7, target.part(0..<7).isText("http://") else { throw .malformedTarget }
        var position = 7
        while position < target.count, target[position].isHost { position += 1 }
        guard position > 7, position < target.count, target[position] == .slash else { throw .malformedTarget }
        head.authority = range.lowerBound + 7..<range.lowerBound + position
        head.target = range.lowerBound + position..<range.upperBound
    }

    private mutating func note(_ field: FieldLine, _ bytes: Bytes) throws(HeadFault) {
        switch field.kind {
        case .other:
            return
        case .host:
            guard head.host == nil, bytes.part(field.value).allSatisfy(\.isHost) else { throw .malformedHost }
            head.host = field.value
        case .expect:
            guard bytes.part(field.value).isText("100-continue") else { throw .unsupportedExpectation }
            head.expectsContinue = true
        default:
            try head.connection.note(field.kind, bytes.part(field.value))
        }
    }

    /// What can only be said when all fields are known.
    private func check() throws(HeadFault) {
        if head.isHTTP11 {
            guard head.host != nil else { throw .missingHost }
        } else {
            // HTTP/1.0 has no chunks: whoever sends them is not understood the same way by everybody.
            guard !head.connection.isChunked else { throw .unsupportedTransferEncoding }
        }
    }
}

/// Limits of heads.
struct HeadLimits {
    var bytes: Int
    var fields: Int
    var targetBytes: Int
}
