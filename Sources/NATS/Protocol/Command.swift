import NIOCore

/// What a client sends, as bytes (docs "NATS protocol").
enum Command {
    static func connect(_ configuration: NATSConfiguration, into buffer: inout ByteBuffer) throws {
        buffer.writeString("CONNECT ")
        buffer.writeBytes(try ClientInfo(configuration).json())
        buffer.writeString("\r\n")
    }

    static func ping(into buffer: inout ByteBuffer) { buffer.writeString("PING\r\n") }

    static func pong(into buffer: inout ByteBuffer) { buffer.writeString("PONG\r\n") }

    static func subscribe(_ subject: String, queue: String?, _ subscription: Int, into buffer: inout ByteBuffer) {
        buffer.writeString("SUB \(subject) \(queue.map { $0 + " " } ?? "")\(subscription)\r\n")
    }

    static func unsubscribe(_ subscription: Int, into buffer: inout ByteBuffer) {
        buffer.writeString("UNSUB \(subscription)\r\n")
    }

    static func publish(_ message: Publication, into buffer: inout ByteBuffer) {
        let reply = message.reply.map { $0 + " " } ?? ""
        if message.headers.isEmpty {
            buffer.writeString("PUB \(message.subject) \(reply)\(message.payload.count)\r\n")
        } else {
            buffer.writeString("HPUB \(message.subject) \(reply)\(message.headers.count) \(message.byteCount)\r\n")
            buffer.writeBytes(message.headers)
        }
        buffer.writeBytes(message.payload)
        buffer.writeString("\r\n")
    }
}

/// A message that was found fit to be sent.
struct Publication: Sendable {
    let subject: String
    var reply: String?
    /// The fields as bytes; empty for none.
    let headers: [UInt8]
    let payload: [UInt8]

    init(_ subject: String, reply: String?, headers: NATSHeaders, payload: [UInt8]) throws(NATSError) {
        guard Subject.isLiteral(subject), reply.map({ Subject.isLiteral($0) }) ?? true else {
            throw NATSError(.badName, "\"\(subject.prefix(80))\" is not a subject that can be sent to")
        }
        self.subject = subject
        self.reply = reply
        self.headers = headers.fields.isEmpty ? [] : try HeaderBlock.write(headers)
        self.payload = payload
    }

    var byteCount: Int { headers.count + payload.count }
}
