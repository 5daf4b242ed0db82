/// What the fields about connection and framing of one head say together.
struct ConnectionFields {
    /// The only `Content-Length`, checked.
    private(set) var contentLength: Int?
    /// `Transfer-Encoding: chunked` and nothing else.
    private(set) var isChunked = false
    /// The tokens of `Connection`.
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var saysUpgrade = false
    /// `Connection` names other fields, which are meant for this hop only.
    private(set) var namesFields = false
    /// `Upgrade` is `websocket` and nothing else.
    private(set) var offersWebSocket = false

    /// Takes one field into account; of no effect for fields of other kinds.
    mutating func note(_ kind: FieldKind, _ value: Bytes) throws(HeadFault) {
        switch kind {
        case .contentLength: try noteContentLength(value)
        case .transferEncoding: try noteTransferEncoding(value)
        case .connection: noteConnection(value)
        case .upgrade: offersWebSocket = value.isText("websocket")
        default: break
        }
    }

    /// RFC 9110 §8.6: digits only. Two fields must agree; lists in one field are refused.
    private mutating func noteContentLength(_ value: Bytes) throws(HeadFault) {
        // 18 digits always fit into an Int.
        guard !value.isEmpty, value.count <= 18 else { throw .malformedContentLength }
        var length = 0
        for byte in value {
            guard byte.isDigit else { throw .malformedContentLength }
            length = length * 10 + Int(byte & 0x0F)
        }
        guard contentLength == nil || contentLength == length else { throw .conflictingContentLength }
        guard !isChunked else { throw .contentLengthAndTransferEncoding }
        contentLength = length
    }

    /// Any other coding, or chunked twice, could be read differently by two parties, so it is refused.
    private mutating func noteTransferEncoding(_ value: Bytes) throws(HeadFault) {
        guard contentLength == nil else { throw .contentLengthAndTransferEncoding }
        guard !isChunked, value.isText("chunked") else { throw .unsupportedTransferEncoding }
        isChunked = true
    }

    private mutating func noteConnection(_ value: Bytes) {
        value.forEachListElement { token in
            if token.isText("close") {
                saysClose = true
            } else if token.isText("keep-alive") {
                saysKeepAlive = true
            } else if token.isText("upgrade") {
                saysUpgrade = true
            } else {
                namesFields = true
            }
        }
    }
}

extension [FieldLine] {
    /// Whether a `Connection` field among these names `field` as one for this hop only (RFC 9110 §7.6.1).
    func connectionNames(_ field: FieldLine, _ bytes: Bytes) -> Bool {
        let name = bytes.part(field.name)
        var isNamed = false
        for other in self where other.kind == .connection {
            bytes.part(other.value).forEachListElement { isNamed = isNamed || $0.isSameText(as: name) }
        }
        return isNamed
    }
}
