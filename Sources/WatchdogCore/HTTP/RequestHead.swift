/// A parsed request head. It holds places, not copies: every range refers to the bytes that were parsed.
struct RequestHead {
    struct Field: Equatable {
        let name: Range<Int>
        let value: Range<Int>
    }

    enum Framing: Equatable {
        case none
        case length(UInt64)
        case chunked
    }

    var method = 0..<0
    /// Path of the target as sent, still percent-encoded; begins with a slash, or is the `*` of OPTIONS.
    var path = 0..<0
    /// What follows the question mark; empty when there is none.
    var query = 0..<0
    /// Host and port: those of an absolute target, else of the Host field.
    var host = 0..<0
    var fields: [Field] = []
    var isHTTP10 = false
    var framing = Framing.none
    /// Whether the client wants to go on with this connection.
    var keepsAlive = true
    var expectsContinue = false
    /// Whether the method is HEAD, which is answered without a body.
    var isHEAD = false
}

extension [RequestHead.Field] {
    /// Writes the fields as lines of a head.
    ///
    /// - Parameter bytes: what their places are in.
    func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) {
        for field in self {
            buffer.append(bytes.slice(field.name))
            buffer.append(": ")
            buffer.append(bytes.slice(field.value))
            buffer.append("\r\n")
        }
    }
}
