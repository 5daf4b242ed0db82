import NIOCore

/// How the body of a fallback's answer is framed.
enum FallbackFraming: Equatable {
    /// No body may follow; what is written is dropped.
    case none
    /// So many bytes are still to be written.
    case length(Int)
    case chunked
    case untilClose
}

/// The head of a fallback's answer. It comes from the control plane's own code, and is checked all the same: a value
/// that was taken from a request must not end the head.
struct FallbackHead: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]

    /// How the body is to be framed.
    ///
    /// - Returns: `nil` when the head must not be sent.
    func framing(answering method: RequestMethod, forHTTP11 isHTTP11: Bool) -> FallbackFraming? {
        guard (200...599).contains(status), headers.allSatisfy({ Self.isSound($0.name, $0.value) }) else {
            return nil
        }
        var length: Int?
        for (name, value) in headers where Self.kind(name) == .contentLength {
            guard let number = Int(value), number >= 0, length == nil else { return nil }
            length = number
        }
        if method == .head || status == 204 || status == 304 { return FallbackFraming.none }
        if let length { return .length(length) }
        return isHTTP11 ? .chunked : .untilClose
    }

    func write(to buffer: inout ByteBuffer, framing: FallbackFraming, connection: StaticString?, date: [UInt8]) {
        let size = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        buffer.append(capacity: size + date.count + 256) { writer in
            writer.write("HTTP/1.1 ")
            writer.write(decimal: UInt64(status))
            writer.write(byte: .space)
            writer.write(reason(of: status))
            writer.writeLineEnd()
            var sawDate = false
            for (name, value) in headers {
                let kind = Self.kind(name)
                if kind == .connection || kind == .hopByHop || kind == .transferEncoding { continue }
                if kind == .contentLength, status == 204 { continue }
                sawDate = sawDate || kind == .date
                writer.write(Array(name.utf8))
                writer.write(": ")
                writer.write(Array(value.utf8))
                writer.writeLineEnd()
            }
            if framing == .chunked { writer.write("Transfer-Encoding: chunked\r\n") }
            if let connection {
                writer.write("Connection: ")
                writer.write(connection)
                writer.writeLineEnd()
            }
            if !sawDate {
                writer.write("Date: ")
                writer.write(date)
                writer.writeLineEnd()
            }
            writer.writeLineEnd()
        }
    }

    private static func isSound(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isToken) && value.utf8.allSatisfy(\.isFieldContent)
    }

    private static func kind(_ name: String) -> FieldKind {
        Array(name.utf8).withUnsafeBytes { FieldKind(name: $0) }
    }
}

extension RequestHead {
    /// The length of the body where it is known; 0 where there is none.
    var announcedLength: Int? {
        connection.isChunked ? nil : connection.contentLength ?? 0
    }

    /// The head as text.
    func fallbackRequest(_ bytes: Bytes, body: FallbackBody, peer: [UInt8]) -> FallbackRequest {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes.part(range), as: UTF8.self) }
        return FallbackRequest(
            method: text(methodRange),
            target: text(target),
            headers: fields.map { (name: text($0.name), value: text($0.value)) },
            body: body,
            remoteAddress: peer.isEmpty ? nil : String(decoding: peer, as: UTF8.self))
    }
}
