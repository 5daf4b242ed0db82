/// Which fields the proxy knows by name; all others are passed on untouched.
enum FieldKind: UInt8 {
    case other
    case host
    case connection
    case contentLength
    case transferEncoding
    case expect
    case upgrade
    /// `Keep-Alive`, `Proxy-Connection`, `Proxy-Authenticate`, `Proxy-Authorization`, `TE`, `Trailer`:
    /// hop-by-hop without a meaning for us.
    case hopByHop
    case date
    case callID
    case startTime
    case servedBy
    case durationSeconds
    case forwardedFor
    case forwardedHost
    case forwardedProto

    /// The kind that a field's name stands for. The length tells nearly all names apart, so that at most
    /// three comparisons are made.
    init(name: Bytes) {
        switch name.count {
        case 2: self = name.isText("te") ? .hopByHop : .other
        case 4: self = name.isText("host") ? .host : name.isText("date") ? .date : .other
        case 6: self = name.isText("expect") ? .expect : .other
        case 7: self = name.isText("upgrade") ? .upgrade : name.isText("trailer") ? .hopByHop : .other
        case 9: self = name.isText("x-call-id") ? .callID : .other
        case 10: self = name.isText("connection") ? .connection : name.isText("keep-alive") ? .hopByHop : .other
        case 11: self = name.isText("x-served-by") ? .servedBy : .other
        case 12: self = name.isText("x-start-time") ? .startTime : .other
        case 14: self = name.isText("content-length") ? .contentLength : .other
        case 15: self = name.isText("x-forwarded-for") ? .forwardedFor : .other
        case 16:
            self =
                name.isText("x-forwarded-host")
                ? .forwardedHost : name.isText("proxy-connection") ? .hopByHop : .other
        case 17:
            self =
                name.isText("transfer-encoding")
                ? .transferEncoding : name.isText("x-forwarded-proto") ? .forwardedProto : .other
        case 18:
            self =
                name.isText("x-duration-seconds")
                ? .durationSeconds : name.isText("proxy-authenticate") ? .hopByHop : .other
        case 19: self = name.isText("proxy-authorization") ? .hopByHop : .other
        default: self = .other
        }
    }
}

/// Where one field stands in the bytes of a head. Offsets count from the head's first byte.
struct FieldLine {
    let start: UInt32
    let nameEnd: UInt32
    let valueStart: UInt32
    let valueEnd: UInt32
    /// Behind the line's CRLF.
    let end: UInt32
    let kind: FieldKind

    @inline(__always)
    var name: Range<Int> { Int(start)..<Int(nameEnd) }
    @inline(__always)
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    /// Takes a field line apart (RFC 9112 §5).
    ///
    /// - Parameters:
    ///   - bytes: the head.
    ///   - line: the line without its CRLF; not empty.
    init(_ bytes: Bytes, line: Range<Int>) throws(HeadFault) {
        var position = line.lowerBound
        guard bytes[position] != .space, bytes[position] != .tab else { throw .foldedField }
        while position < line.upperBound, bytes[position].isToken { position += 1 }
        guard position > line.lowerBound, position < line.upperBound, bytes[position] == .colon else {
            throw .malformedFieldName
        }
        let nameEnd = position
        position += 1
        while position < line.upperBound, bytes[position] == .space || bytes[position] == .tab { position += 1 }
        let valueStart = position
        position = bytes.endOfFieldContent(from: position, to: line.upperBound)
        guard position == line.upperBound else { throw .controlCharacter }
        while position > valueStart, bytes[position - 1] == .space || bytes[position - 1] == .tab { position -= 1 }
        start = UInt32(truncatingIfNeeded: line.lowerBound)
        self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
        self.valueStart = UInt32(truncatingIfNeeded: valueStart)
        valueEnd = UInt32(truncatingIfNeeded: position)
        end = UInt32(truncatingIfNeeded: line.upperBound + 2)
        kind = FieldKind(name: bytes.part(line.lowerBound..<nameEnd))
    }
}
