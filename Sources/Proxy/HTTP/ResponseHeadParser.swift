/// Parses response heads of replicas, as strictly as ``RequestHeadParser`` does: a function is a stranger too.
struct ResponseHeadParser {
    enum Progress {
        case incomplete
        /// ``head`` is valid for the bytes that were given.
        case complete
    }

    private(set) var head = ResponseHead()
    private let limits: HeadLimits
    private var scanner = HeadScanner()
    private var sawStatusLine = false

    init(limits: HeadLimits) {
        self.limits = limits
    }

    /// Gets ready for the next head.
    mutating func reset() {
        head.reset()
        scanner = HeadScanner()
        sawStatusLine = false
    }

    /// Goes on parsing.
    ///
    /// - Parameter bytes: everything from the head's first byte on; more may follow behind the head.
    mutating func parse(_ bytes: Bytes) throws(HeadFault) -> Progress {
        while true {
            switch try scanner.next(bytes, limit: limits.bytes) {
            case .line(let line) where sawStatusLine:
                guard head.fields.count < limits.fields else { throw .tooManyFields }
                let field = try FieldLine(bytes, line: line)
                try head.connection.note(field.kind, bytes.part(field.value))
                head.fields.append(field)
            case .line(let line):
                try parseStatusLine(bytes, line)
                head.fieldsStart = scanner.lineStart
                sawStatusLine = true
            case .end where sawStatusLine:
                head.length = scanner.lineStart
                return .complete
            case .end:
                throw .malformedStatusLine
            case .incomplete:
                return .incomplete
            }
        }
    }

    /// `HTTP/1.x STATUS[ REASON]`; the space before an empty reason is often left out.
    private mutating func parseStatusLine(_ bytes: Bytes, _ line: Range<Int>) throws(HeadFault) {
        let text = bytes.part(line)
        guard text.count >= 12, text.holds("HTTP/1."), text[7] == 0x30 || text[7] == 0x31,
            text[8] == .space, text[9].isDigit, text[10].isDigit, text[11].isDigit, text[9] != 0x30,
            text.count == 12 || text[12] == .space
        else { throw .malformedStatusLine }
        guard text.allSatisfy(\.isFieldContent) else { throw .controlCharacter }
        head.isHTTP11 = text[7] == 0x31
        head.status = Int(text[9] & 0x0F) * 100 + Int(text[10] & 0x0F) * 10 + Int(text[11] & 0x0F)
        head.statusText = line.lowerBound + 9..<line.upperBound
    }
}
