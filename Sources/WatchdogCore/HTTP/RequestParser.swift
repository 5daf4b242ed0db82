/// Turns the bytes of one head into a `RequestHead`, or says why not. Strict where leniency lets two servers read one
/// request in two ways: line ends, folded lines, blanks before a colon, doubled or mixed body lengths.
struct RequestParser {
    private var head = RequestHead()
    private var contentLength: UInt64?
    private var isChunked = false
    private var hostFields = 0
    private var hasAuthority = false
    private var asksClose = false

    /// - Parameter bytes: one head, up to and with its empty line, as `HeadScanner` has found it.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<RequestHead, Refusal> {
        var parser = RequestParser()
        do {
            return .success(try parser.run(bytes))
        } catch {
            return .failure(error)
        }
    }

    /// A rejection on its way through `throws`.
    struct Refusal: Error {
        let rejection: Rejection
    }

    private mutating func run(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> RequestHead {
        var line = try nextLine(bytes, from: 0)
        try parseRequestLine(bytes, line)
        head.fields.reserveCapacity(16)
        while true {
            line = try nextLine(bytes, from: line.upperBound + 2)
            if line.isEmpty { break }
            try parseField(bytes, line)
        }
        try settle()
        return head
    }

    private func nextLine(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(Refusal) -> Range<Int> {
        guard let feed = bytes.lineFeed(from: start), feed > start, bytes[feed - 1] == .carriageReturn else {
            throw malformed("line does not end in CRLF")
        }
        return start..<feed - 1
    }

    private func malformed(_ reason: String) -> Refusal {
        Refusal(rejection: .malformed(reason))
    }
}

// MARK: - Request line

extension RequestParser {
    private mutating func parseRequestLine(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(Refusal) {
        guard let methodEnd = bytes[line].firstIndex(of: .space), methodEnd > line.lowerBound,
            let targetEnd = bytes[line].lastIndex(of: .space), targetEnd > methodEnd + 1
        else { throw malformed("request line is not METHOD TARGET VERSION") }
        head.method = line.lowerBound..<methodEnd
        guard bytes[head.method].allSatisfy(\.isToken) else { throw malformed("method is not a token") }
        try parseVersion(bytes.slice(targetEnd + 1..<line.upperBound))
        try parseTarget(bytes, methodEnd + 1..<targetEnd)
        head.isHEAD = bytes.slice(head.method).equals("HEAD")
    }

    private mutating func parseVersion(_ version: UnsafeRawBufferPointer) throws(Refusal) {
        if version.equals("HTTP/1.1") { return }
        if version.equals("HTTP/1.0") {
            head.isHTTP10 = true
            return
        }
        guard version.count == 8, version.slice(0..<5).equals("HTTP/"), version[5].isDigit, version[6] == 0x2e,
            version[7].isDigit
        else { throw malformed("unknown protocol version") }
        let reason = "only HTTP/1.0 and HTTP/1.1 are served"
        throw Refusal(rejection: Rejection(status: .versionNotSupported, reason: reason))
    }

    private mutating func parseTarget(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(Refusal) {
        guard bytes[target].allSatisfy(\.isTarget) else { throw malformed("target holds a forbidden byte") }
        let method = bytes.slice(head.method)
        if method.equals("CONNECT") {
            throw Refusal(rejection: Rejection(status: .methodNotAllowed, reason: "CONNECT is not served"))
        }
        if bytes[target.lowerBound] == .slash {
            try splitPath(bytes, target)
        } else if bytes.slice(target).equals("*"), method.equals("OPTIONS") {
            head.path = target
            head.query = target.upperBound..<target.upperBound
        } else {
            try parseAbsolute(bytes, target)
        }
    }

    private mutating func parseAbsolute(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(Refusal) {
        var start = target.lowerBound
        if target.count > 7, bytes.slice(start..<start + 7).matches("http://") {
            start += 7
        } else if target.count > 8, bytes.slice(start..<start + 8).matches("https://") {
            start += 8
        } else {
            throw malformed("target is neither a path nor an http address")
        }
        let rest = start..<target.upperBound
        let end = bytes[rest].firstIndex { $0 == .slash || $0 == .question } ?? rest.upperBound
        guard end > start, bytes[start..<end].allSatisfy(\.isAuthority) else {
            throw malformed("target has no proper host")
        }
        head.host = start..<end
        hasAuthority = true
        try splitPath(bytes, end..<target.upperBound)
    }

    private mutating func splitPath(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(Refusal) {
        let pathEnd = bytes[target].firstIndex(of: .question) ?? target.upperBound
        head.path = target.lowerBound..<pathEnd
        head.query = min(pathEnd + 1, target.upperBound)..<target.upperBound
        var place = target.lowerBound
        while place < pathEnd {
            if bytes[place] == .percent {
                guard place + 2 < pathEnd, let high = bytes[place + 1].hexValue, let low = bytes[place + 2].hexValue,
                    high | low != 0
                else { throw malformed("path holds an improper percent escape") }
                place += 2
            }
            place += 1
        }
    }
}

// MARK: - Fields

extension RequestParser {
    private mutating func parseField(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(Refusal) {
        guard head.fields.count < Limits.fieldCount else {
            let reason = "request has more than \(Limits.fieldCount) header fields"
            throw Refusal(rejection: Rejection(status: .headTooLarge, reason: reason))
        }
        guard !bytes[line.lowerBound].isBlank else { throw malformed("header line is folded") }
        guard let colon = bytes[line].firstIndex(of: .colon), colon > line.lowerBound,
            bytes[line.lowerBound..<colon].allSatisfy(\.isToken)
        else { throw malformed("header name is not a token followed by a colon") }
        var start = colon + 1
        var end = line.upperBound
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        guard bytes[start..<end].allSatisfy(\.isFieldValue) else {
            throw malformed("header value holds a control byte")
        }
        let field = RequestHead.Field(name: line.lowerBound..<colon, value: start..<end)
        head.fields.append(field)
        try note(field, bytes)
    }

    private mutating func note(_ field: RequestHead.Field, _ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let name = bytes.slice(field.name)
        let value = bytes.slice(field.value)
        switch name.count {
        case 4 where name.matches("host"):
            hostFields += 1
            guard value.allSatisfy(\.isAuthority) else { throw malformed("host holds a forbidden byte") }
            if !hasAuthority { head.host = field.value }
        case 6 where name.matches("expect"):
            guard value.matches("100-continue") else {
                throw Refusal(rejection: Rejection(status: .expectationFailed, reason: "unknown expectation"))
            }
            head.expectsContinue = true
        case 10 where name.matches("connection"):
            for option in value.split(separator: .comma) {
                if UnsafeRawBufferPointer(rebasing: option).trimmed.matches("close") { asksClose = true }
            }
        case 14 where name.matches("content-length"):
            try noteLength(value)
        case 17 where name.matches("transfer-encoding"):
            guard value.matches("chunked") else {
                throw Refusal(rejection: Rejection(status: .notImplemented, reason: "unknown transfer coding"))
            }
            guard !isChunked else { throw malformed("chunked is given twice") }
            isChunked = true
        default:
            break
        }
    }

    private mutating func noteLength(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        guard (1...18).contains(value.count), value.allSatisfy(\.isDigit) else {
            throw malformed("content length is not a number")
        }
        let length = value.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
        guard contentLength == nil || contentLength == length else { throw malformed("two content lengths") }
        contentLength = length
    }

    /// What can only be said when all fields are known.
    private mutating func settle() throws(Refusal) {
        guard hostFields < 2 else { throw malformed("host is given twice") }
        guard head.isHTTP10 || hostFields == 1 else { throw malformed("host is missing") }
        if isChunked {
            guard contentLength == nil else { throw malformed("both content length and transfer coding") }
            guard !head.isHTTP10 else { throw malformed("transfer coding in HTTP/1.0") }
            head.framing = .chunked
        } else if let contentLength, contentLength > 0 {
            head.framing = .length(contentLength)
        }
        // HTTP/1.0 clients have no 100 and get one answer per connection.
        head.keepsAlive = !asksClose && !head.isHTTP10
        head.expectsContinue = head.expectsContinue && !head.isHTTP10 && head.framing != .none
    }
}
