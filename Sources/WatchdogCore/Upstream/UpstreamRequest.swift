/// Writes the head of a request to the function: as the client has sent it, without what belongs to one connection
/// only, and with the length of its body where that is known.
struct UpstreamRequest {
    /// `X-Timeout`, which may shorten `exec_timeout`.
    private(set) var timeout: TimeSpan?
    /// Whether the answer may take its time: the client asks for events or lines as they come, or for another protocol.
    private(set) var isStream = false
    /// Whether it asks for a WebSocket.
    private(set) var isUpgrade = false
    /// Whether sending it twice does no harm.
    let isIdempotent: Bool
    /// Whether the body goes in chunks.
    let isChunked: Bool

    private let request: CallRequest

    init(_ request: CallRequest) {
        self.request = request
        let method = request.bytes.slice(request.head.method)
        isIdempotent =
            request.replacingPath != nil
            || request.head.framing == .none
                && ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains { method.equals($0) }
        isChunked = request.replacingPath == nil && request.head.framing == .chunked
        for field in request.head.fields { note(field) }
    }

    private mutating func note(_ field: RequestHead.Field) {
        let name = request.bytes.slice(field.name)
        let value = request.bytes.slice(field.value)
        switch name.count {
        case 6 where name.matches("accept"):
            if value.contains("text/event-stream") || value.contains("application/x-ndjson") { isStream = true }
        case 7 where name.matches("upgrade"):
            isUpgrade = value.matches("websocket") && request.head.framing == .none && request.replacingPath == nil
            isStream = isStream || isUpgrade
        case 9 where name.matches("x-timeout"):
            timeout = GoDuration.parse(String(decoding: value, as: UTF8.self))
        default:
            break
        }
    }

    /// - Returns: false when it does not fit; what is in the buffer is of no use then.
    func write(to buffer: Buffer, prefix: String) -> Bool {
        let head = request.head
        let bytes = request.bytes
        // What is added to the client's own head is far less than what the buffer has beyond this.
        guard bytes.count + prefix.utf8.count < Limits.upstreamHead else { return false }
        if let path = request.replacingPath {
            buffer.append("GET ")
            buffer.append(prefix)
            buffer.append(path)
        } else {
            buffer.append(bytes.slice(head.method))
            buffer.append(" ")
            buffer.append(prefix)
            if head.path.isEmpty { buffer.append("/") }
            buffer.append(bytes.slice(head.path))
            if !head.query.isEmpty { buffer.append("?") }
            buffer.append(bytes.slice(head.query))
        }
        buffer.append(" HTTP/1.1\r\nHost: ")
        if head.host.isEmpty { buffer.append(UpstreamAddress.defaultHost) }
        buffer.append(bytes.slice(head.host))
        buffer.append("\r\n")
        for field in head.fields where isPassedOn(bytes.slice(field.name)) {
            buffer.append(bytes.slice(field.name))
            buffer.append(": ")
            buffer.append(bytes.slice(field.value))
            buffer.append("\r\n")
        }
        writeFraming(to: buffer)
        buffer.append("\r\n")
        return true
    }

    private func writeFraming(to buffer: Buffer) {
        if isUpgrade { buffer.append("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
        guard request.replacingPath == nil else { return }
        switch request.head.framing {
        case .chunked:
            buffer.append("Transfer-Encoding: chunked\r\n")
        case .length(let length):
            buffer.append("Content-Length: ")
            buffer.append(decimal: Int(length))
            buffer.append("\r\n")
        case .none:
            // A request of these methods without any length would leave it open whether a body follows.
            let method = request.bytes.slice(request.head.method)
            guard ["POST", "PUT", "PATCH"].contains(where: { method.equals($0) }) else { return }
            buffer.append("Content-Length: 0\r\n")
        }
    }

    private func isPassedOn(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: return !name.matches("te")
        case 4: return !name.matches("host")
        case 6 where name.matches("expect"): return false
        case 14 where name.matches("content-length"): return false
        default: return !HopByHop.contains(name) && !isNamedByConnection(name)
        }
    }

    /// Whether the client has declared a field to be for this connection only.
    private func isNamedByConnection(_ name: UnsafeRawBufferPointer) -> Bool {
        for field in request.head.fields where request.bytes.slice(field.name).matches("connection") {
            for option in request.bytes.slice(field.value).split(separator: .comma) {
                if UnsafeRawBufferPointer(rebasing: option).trimmed.equalsIgnoringCase(name) { return true }
            }
        }
        return false
    }
}

/// Fields that belong to one connection and are not passed on (RFC 9110, section 7.6.1).
enum HopByHop {
    static func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 7: name.matches("upgrade") || name.matches("trailer")
        case 10: name.matches("connection") || name.matches("keep-alive")
        case 16: name.matches("proxy-connection")
        case 17: name.matches("transfer-encoding")
        default: false
        }
    }
}
