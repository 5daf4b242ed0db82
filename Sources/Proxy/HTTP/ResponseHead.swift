/// An index over the bytes of a response head. Offsets count from the head's first byte.
struct ResponseHead {
    var status = 0
    /// Status code and reason, as they stand in the status line.
    var statusText = 0..<0
    var isHTTP11 = true
    var connection = ConnectionFields()
    var fieldsStart = 0
    var fields: [FieldLine] = []
    /// How many bytes the head has, with the empty line.
    var length = 0

    /// Whether more heads follow before the answer (RFC 9110 §15.2); 101 is an answer of its own.
    var isInterim: Bool { status < 200 && status != 101 }

    /// Whether the connection may be used again, provided that the body has an end of its own.
    var keepsAlive: Bool {
        guard !connection.saysClose, !announcesForbiddenBody else { return false }
        // HTTP/1.0 has no chunks: such an answer may have another end than it seems (RFC 9112 §6.1).
        return isHTTP11 || (connection.saysKeepAlive && !connection.isChunked)
    }

    /// A body of 204, which has none (RFC 9110 §15.3.5): if it comes, it comes in front of the next answer.
    private var announcesForbiddenBody: Bool {
        status == 204 && (connection.isChunked || (connection.contentLength ?? 0) > 0)
    }

    /// How the body is framed in the answer to a request (RFC 9112 §6.3).
    func body(answering method: RequestMethod) -> BodyFraming {
        if method == .head || status < 200 || status == 204 || status == 304 { return .length(0) }
        if connection.isChunked { return .chunked(ChunkScanner()) }
        if let length = connection.contentLength { return .length(length) }
        return .untilClose
    }

    /// Forgets everything, and keeps the memory.
    mutating func reset() {
        var emptied = ResponseHead()
        swap(&emptied.fields, &fields)
        emptied.fields.removeAll(keepingCapacity: true)
        self = emptied
    }
}
