import NIOCore

/// An answer that the proxy gives by itself.
struct TextAnswer {
    var status: Int
    /// The body, sent as it is.
    var text: String
    /// Says that the platform and not the function answers (faas-provider: `X-OpenFaaS-Internal: proxy`).
    var isInternal = false
    /// Seconds after which a client may try again (`Retry-After`).
    var retryAfter: Int?
    /// Where to go instead (`Location`); visible ASCII.
    var location: String?
    /// The limit that caused it (`X-Faasd-Limit`).
    var limit: Limit?

    /// Writes head and body.
    ///
    /// - Parameters:
    ///   - withBody: false in the answer to HEAD.
    ///   - connection: what the client is told about its connection.
    ///   - facts: what is known about the call, where it is one.
    func write(
        to buffer: inout ByteBuffer, withBody: Bool, connection: StaticString?, date: [UInt8], facts: AnswerFacts?
    ) {
        let factBytes = (facts?.callID.count ?? 0) + (facts?.servedBy.count ?? 0)
        buffer.append(
            capacity: 512 + date.count + factBytes + text.utf8.count + (location?.utf8.count ?? 0)
        ) { writer in
            writer.write("HTTP/1.1 ")
            writer.write(decimal: UInt64(status))
            writer.write(byte: .space)
            writer.write(reason(of: status))
            writer.write("\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n")
            writer.write("Content-Length: ")
            writer.write(decimal: UInt64(text.utf8.count))
            writer.write("\r\nDate: ")
            writer.write(date)
            writer.writeLineEnd()
            if isInternal { writer.write("X-OpenFaaS-Internal: proxy\r\n") }
            if let retryAfter {
                writer.write("Retry-After: ")
                writer.write(decimal: UInt64(retryAfter))
                writer.writeLineEnd()
            }
            if let location {
                writer.write("Location: ")
                writer.write(Array(location.utf8))
                writer.writeLineEnd()
            }
            if let limit {
                writer.write(Limit.fieldName)
                writer.write(": ")
                writer.write(limit.name)
                writer.writeLineEnd()
            }
            if let connection {
                writer.write("Connection: ")
                writer.write(connection)
                writer.writeLineEnd()
            }
            if let facts { write(facts, to: &writer) }
            writer.writeLineEnd()
            if withBody { writer.write(Array(text.utf8)) }
        }
    }

    private func write(_ facts: AnswerFacts, to writer: inout ByteWriter) {
        writer.write("X-Call-Id: ")
        facts.callID.write(to: &writer)
        writer.write("\r\nX-Start-Time: ")
        writer.write(decimal: facts.startTime)
        writer.write("\r\nX-Served-By: ")
        writer.write(facts.servedBy)
        writer.writeLineEnd()
    }
}
