/// The head of a function's own HTTP answer. It holds places in the bytes that were parsed, not copies.
struct UpstreamResponse {
    enum Framing: Equatable {
        case none
        case length(UInt64)
        case chunked
        /// The end of the connection ends the body.
        case untilClose
    }

    private(set) var code = 0
    private var reason = 0..<0
    private(set) var fields: [RequestHead.Field] = []
    private(set) var framing = Framing.untilClose
    private(set) var hasDate = false
    /// Whether another request may follow on the connection.
    private(set) var keepsAlive = true
    private var contentLength: UInt64?
    private var isChunked = false

    /// Where a head ends, its empty line included; nil when it is not complete. Lines may end without a carriage return.
    static func end(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var place = 0
        while let feed = bytes.lineFeed(from: place) {
            if feed == place || feed == place + 1 && bytes[place] == .carriageReturn { return feed + 1 }
            place = feed + 1
        }
        return nil
    }

    /// - Parameters:
    ///   - bytes: one head, up to and with its empty line.
    ///   - isHEAD: whether it answers a HEAD, and so has no body whatever it says.
    /// - Returns: nil when it is not HTTP, or leaves open where its body ends.
    init?(_ bytes: UnsafeRawBufferPointer, isHEAD: Bool) {
        var place = 0
        var isFirst = true
        while let feed = bytes.lineFeed(from: place) {
            let end = feed > place && bytes[feed - 1] == .carriageReturn ? feed - 1 : feed
            let line = place..<end
            place = feed + 1
            if isFirst {
                guard parseStatus(bytes, line) else { return nil }
                isFirst = false
            } else if !line.isEmpty {
                guard parseField(bytes, line) else { return nil }
            }
        }
        guard !isFirst, !(isChunked && contentLength != nil) else { return nil }
        if isHEAD || StatusLine(code: code, reason: bytes).isBodiless {
            framing = .none
        } else if isChunked {
            framing = .chunked
        } else if let contentLength {
            framing = contentLength == 0 ? .none : .length(contentLength)
        }
        if framing == .untilClose { keepsAlive = false }
    }

    private mutating func parseStatus(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Bool {
        let text = bytes.slice(line)
        guard text.count >= 12, text.slice(0..<7).equals("HTTP/1."), text[8] == .space,
            text[9..<12].allSatisfy(\.isDigit), text.count == 12 || text[12] == .space
        else { return false }
        code = text[9..<12].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        if text[7] == 0x30 { keepsAlive = false }
        reason = min(line.lowerBound + 13, line.upperBound)..<line.upperBound
        return code >= 100 && bytes[reason].allSatisfy(\.isFieldValue)
    }

    private mutating func parseField(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Bool {
        guard fields.count < Limits.fieldCount, let colon = bytes[line].firstIndex(of: .colon),
            colon > line.lowerBound, bytes[line.lowerBound..<colon].allSatisfy(\.isToken)
        else { return false }
        var start = colon + 1
        var end = line.upperBound
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        guard bytes[start..<end].allSatisfy(\.isFieldValue) else { return false }
        let field = RequestHead.Field(name: line.lowerBound..<colon, value: start..<end)
        return note(field, bytes)
    }

    /// - Returns: false when the field makes no sense. Fields that are the watchdog's to write are not kept.
    private mutating func note(_ field: RequestHead.Field, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let name = bytes.slice(field.name)
        let value = bytes.slice(field.value)
        switch name.count {
        case 4 where name.matches("date"):
            hasDate = true
        case 10 where name.matches("connection"):
            if value.contains("close") { keepsAlive = false }
            return true
        case 14 where name.matches("content-length"):
            guard (1...18).contains(value.count), value.allSatisfy(\.isDigit) else { return false }
            let length = value.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
            guard contentLength == nil || contentLength == length else { return false }
            contentLength = length
            return true
        case 17 where name.matches("transfer-encoding"):
            guard value.matches("chunked"), !isChunked else { return false }
            isChunked = true
            return true
        case 18 where name.matches("x-duration-seconds"):
            return true
        default:
            if HopByHop.contains(name) { return true }
        }
        fields.append(field)
        return true
    }

    func status(_ bytes: UnsafeRawBufferPointer) -> StatusLine {
        StatusLine(code: code, reason: bytes.slice(reason))
    }

    /// The length to tell the client.
    var length: ResponseHead.Length {
        switch framing {
        case .length(let count): .exact(Int(count))
        case .chunked, .untilClose: .unknown
        // The answer to a HEAD, or a 304, has the length that the body would have.
        case .none: contentLength.map { code == 204 || code < 200 ? .none : .exact(Int($0)) } ?? .none
        }
    }
}
