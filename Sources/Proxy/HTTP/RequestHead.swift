/// The methods that change how a message is treated.
enum RequestMethod {
    case get
    case head
    /// PUT, DELETE, OPTIONS, TRACE: a repeated request does no more than a single one (RFC 9110 §9.2.2).
    case idempotent
    case connect
    case other

    init(_ name: Bytes) {
        // Methods are case-sensitive, so the bytes are compared as they are.
        self =
            switch name.count {
            case 3 where name.holds("GET"): .get
            case 3 where name.holds("PUT"): .idempotent
            case 4 where name.holds("HEAD"): .head
            case 5 where name.holds("TRACE"): .idempotent
            case 6 where name.holds("DELETE"): .idempotent
            case 7 where name.holds("OPTIONS"): .idempotent
            case 7 where name.holds("CONNECT"): .connect
            default: .other
            }
    }

    var isIdempotent: Bool { self == .get || self == .head || self == .idempotent }
}

/// An index over the bytes of a request head. Offsets count from the head's first byte.
struct RequestHead {
    var method = RequestMethod.other
    var methodRange = 0..<0
    /// Path and query; behind the authority of a target in absolute form.
    var target = 0..<0
    /// The host of a target in absolute form, which counts instead of the field (RFC 9112 §3.2.2).
    var authority: Range<Int>?
    /// The value of the `Host` field.
    var host: Range<Int>?
    /// Whether it is HTTP/1.1 and not HTTP/1.0.
    var isHTTP11 = true
    var connection = ConnectionFields()
    /// `Expect: 100-continue`.
    var expectsContinue = false
    /// Where the fields begin.
    var fieldsStart = 0
    var fields: [FieldLine] = []
    /// How many bytes the head has, with the empty line.
    var length = 0

    /// Whether the client wants the connection to stay open.
    var keepsAlive: Bool {
        connection.saysClose ? false : isHTTP11 || connection.saysKeepAlive
    }

    /// Whether a WebSocket is wanted (RFC 6455 §4.1). One with a body is not one.
    var upgradesToWebSocket: Bool {
        connection.saysUpgrade && connection.offersWebSocket && isHTTP11 && method == .get && !hasBody
    }

    var hasBody: Bool { connection.isChunked || (connection.contentLength ?? 0) > 0 }

    /// How the body is framed.
    var body: BodyFraming {
        if connection.isChunked { return .chunked(ChunkScanner()) }
        return .length(connection.contentLength ?? 0)
    }

    /// Forgets everything, and keeps the memory.
    mutating func reset() {
        var emptied = RequestHead()
        swap(&emptied.fields, &fields)
        emptied.fields.removeAll(keepingCapacity: true)
        self = emptied
    }
}
