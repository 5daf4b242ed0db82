import NIOCore

/// Writes the head that a replica gets: the client's bytes with only what must change changed.
struct RequestRewriter {
    let head: RequestHead
    /// The client's head.
    let bytes: Bytes
    /// Goes before the path; empty for a replica.
    let pathPrefix: [UInt8]
    /// What of the target is behind `/function/NAME`; may be empty.
    let path: Range<Int>
    /// The value of `Host` for the replica.
    let host: [UInt8]
    /// The peer's IP address without its port; empty where it has none.
    let peer: [UInt8]
    /// Whether the client's connection is encrypted.
    var isSecure = false
    let callID: CallID
    /// Nanoseconds since 1970.
    let startTime: UInt64

    /// More than the head can have. What we add is less than 512 bytes, apart from the values counted here;
    /// the client's fields for `Host` and `X-Forwarded-For` may be written a second time under another name.
    private var capacity: Int {
        2 * head.length + pathPrefix.count + host.count + peer.count + callID.count + 512
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.append(capacity: capacity) { writer in
            writeRequestLine(&writer)
            writeFields(&writer)
            writeFraming(&writer)
            writer.write("X-Start-Time: ")
            writer.write(decimal: startTime)
            writer.write("\r\n\r\n")
        }
    }

    private func writeRequestLine(_ writer: inout ByteWriter) {
        writer.write(bytes.part(head.methodRange))
        writer.write(byte: .space)
        writer.write(pathPrefix)
        if path.isEmpty || bytes[path.lowerBound] != .slash { writer.write(byte: .slash) }
        writer.write(bytes.part(path))
        writer.write(" HTTP/1.1\r\nHost: ")
        writer.write(host)
        writer.writeLineEnd()
    }

    /// Copies runs of kept lines, and adds what was not among them.
    private func writeFields(_ writer: inout ByteWriter) {
        var kept = head.fieldsStart
        var (sawHost, sawProto, sawFor) = (false, false, false)
        for field in head.fields {
            switch field.kind {
            case .other, .date, .servedBy, .durationSeconds:
                guard head.connection.namesFields, head.fields.connectionNames(field, bytes) else { continue }
            case .forwardedHost:
                sawHost = true
                continue
            case .forwardedProto:
                sawProto = true
                continue
            case .forwardedFor:
                sawFor = true
            case .host, .connection, .contentLength, .transferEncoding, .expect, .upgrade, .hopByHop, .callID,
                .startTime:
                break
            }
            writer.write(bytes.part(kept..<Int(field.start)))
            kept = Int(field.end)
        }
        writer.write(bytes.part(kept..<head.length - 2))
        writeForwarded(&writer, sawHost: sawHost, sawProto: sawProto, sawFor: sawFor)
        writer.write("X-Call-Id: ")
        callID.write(to: &writer)
        writer.writeLineEnd()
    }

    private func writeForwarded(_ writer: inout ByteWriter, sawHost: Bool, sawProto: Bool, sawFor: Bool) {
        if !sawHost, let host = head.authority ?? head.host {
            writer.write("X-Forwarded-Host: ")
            writer.write(bytes.part(host))
            writer.writeLineEnd()
        }
        if !sawProto {
            writer.write(isSecure ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n")
        }
        if sawFor || !peer.isEmpty {
            writer.write("X-Forwarded-For: ")
            writeForwardedFor(&writer)
            writer.writeLineEnd()
        }
    }

    /// The client's addresses in one list, with the peer's own at the end.
    private func writeForwardedFor(_ writer: inout ByteWriter) {
        var first = true
        for field in head.fields where field.kind == .forwardedFor && !field.value.isEmpty {
            if !first { writer.write(", ") }
            writer.write(bytes.part(field.value))
            first = false
        }
        guard !peer.isEmpty else { return }
        if !first { writer.write(", ") }
        writer.write(peer)
    }

    /// The framing is always written anew, from what was understood, so that it cannot be understood differently.
    private func writeFraming(_ writer: inout ByteWriter) {
        if head.connection.isChunked {
            writer.write("Transfer-Encoding: chunked\r\n")
        } else if let length = head.connection.contentLength {
            writer.write("Content-Length: ")
            writer.write(decimal: UInt64(length))
            writer.writeLineEnd()
        }
        if head.upgradesToWebSocket { writer.write("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
    }
}

extension RequestRewriter {
    /// The same request for another replica.
    ///
    /// - Parameters:
    ///   - request: what ``write(to:)`` wrote, and perhaps a body behind it.
    ///   - old: the host it was written for.
    ///   - new: the host to put in its place.
    static func replaceHost(in request: ByteBuffer, from old: [UInt8], with new: [UInt8]) -> ByteBuffer {
        guard old != new else { return request }
        var replaced = ByteBuffer()
        request.withUnsafeReadableBytes { bytes in
            // Our own head: the request line ends with the first line feed, and "Host: " follows.
            let lineEnd = bytes.firstIndex(of: .lineFeed) ?? 0
            let value = lineEnd + 1 + "Host: ".utf8.count
            replaced.writeBytes(bytes.part(0..<value))
            replaced.writeBytes(new)
            replaced.writeBytes(bytes.part(value + old.count..<bytes.count))
        }
        return replaced
    }
}

extension RequestHead {
    /// The identity that the client gave to its call, if it is a usable one.
    func givenCallID(_ bytes: Bytes) -> CallID? {
        for field in fields where field.kind == .callID {
            guard !field.value.isEmpty, field.value.count <= CallID.givenLimit else { continue }
            return .given(Array(bytes.part(field.value)))
        }
        return nil
    }
}
