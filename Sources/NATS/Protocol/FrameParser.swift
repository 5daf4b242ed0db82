import NIOCore

/// Reads what a server sends, however it is cut, and refuses what the protocol does not have.
struct FrameParser {
    /// The longest line but `INFO`: the server's own limit.
    static let maximumLine = 4096
    /// The longest `INFO`, which names all servers of a cluster.
    static let maximumInfo = 64 << 10
    /// What a server may put before a message that was as long as allowed: JetStream adds fields of its own.
    static let addedBytes = 64 << 10

    private struct Head {
        var subject: String
        var subscription: Int
        var reply: String?
        /// Bytes of the fields; `nil` for a message without any.
        var headerBytes: Int?
        var totalBytes: Int
    }

    private var buffer = ByteBuffer()
    /// Bytes of the line that were looked at already.
    private var scanned = 0
    private var head: Head?
    private var hasInfo = false
    private var maximumPayload = 1 << 20

    /// Takes what came.
    mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        }
    }

    /// The next frame, or `nil` until more has come.
    ///
    /// - Throws: ``NATSError``; nothing more can be read then.
    mutating func next() throws(NATSError) -> ServerFrame? {
        if let head { return try message(head) }
        guard let line = try line() else { return nil }
        let word = line.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        let rest = line[word.endIndex...]
        // Words count in any case of letters.
        switch String(decoding: word, as: UTF8.self).uppercased() {
        case "PING": return .ping
        case "PONG": return .pong
        case "+OK": return .ok
        case "-ERR": return .error(Self.errorText(rest))
        case "INFO":
            let info = try ServerInfo.read(Array(rest))
            guard (1...(1 << 30)).contains(info.maxPayload) else {
                throw .violation("a max_payload that makes no sense")
            }
            maximumPayload = info.maxPayload
            hasInfo = true
            return .info(info)
        case "MSG", "HMSG":
            let head = try Self.head(rest, hasHeaders: word.count == 4)
            guard head.totalBytes <= maximumPayload + Self.addedBytes else {
                throw .violation("a message of \(head.totalBytes) bytes, beyond its own max_payload")
            }
            self.head = head
            return try message(head)
        default:
            throw .violation("a line that is not of the protocol")
        }
    }

    private mutating func line() throws(NATSError) -> [UInt8]? {
        let limit = hasInfo ? Self.maximumLine : Self.maximumInfo
        let view = buffer.readableBytesView
        guard let end = view[view.startIndex.advanced(by: scanned)...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = buffer.readableBytes
            // A later INFO may be long again.
            guard scanned <= limit || (scanned <= Self.maximumInfo && view.starts(with: Array("INFO ".utf8))) else {
                throw .violation("a line that is too long")
            }
            return nil
        }
        let line = Array(view[..<end])
        scanned = 0
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        guard line.last == UInt8(ascii: "\r") else { throw .violation("a line without its end") }
        guard line.count <= limit || (line.count <= Self.maximumInfo && line.starts(with: Array("INFO ".utf8))) else {
            throw .violation("a line that is too long")
        }
        return Array(line.dropLast())
    }

    /// `SUBJECT SID [REPLY] [HEADER-BYTES] TOTAL-BYTES`.
    private static func head(_ bytes: ArraySlice<UInt8>, hasHeaders: Bool) throws(NATSError) -> Head {
        let words = bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let sizes = hasHeaders ? 2 : 1
        guard words.count == 2 + sizes || words.count == 3 + sizes else {
            throw .violation("a message without its parts")
        }
        guard let total = words.last.flatMap(number), let subscription = number(words[1]) else {
            throw .violation("a message with a number that is none")
        }
        var head = Head(
            subject: String(decoding: words[0], as: UTF8.self), subscription: subscription, totalBytes: total)
        if words.count == 3 + sizes { head.reply = String(decoding: words[2], as: UTF8.self) }
        if hasHeaders {
            guard let count = number(words[words.count - 2]), count <= total else {
                throw .violation("a message with fields longer than itself")
            }
            head.headerBytes = count
        }
        return head
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...10).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }

    private static func errorText(_ bytes: ArraySlice<UInt8>) -> String {
        let text = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "'") }
        return String(decoding: text.prefix(200).filter { $0 != UInt8(ascii: "'") && $0 >= 0x20 }, as: UTF8.self)
    }

    private mutating func message(_ head: Head) throws(NATSError) -> ServerFrame? {
        guard buffer.readableBytes >= head.totalBytes + 2 else { return nil }
        let headerBytes = head.headerBytes ?? 0
        guard let fields = buffer.readBytes(length: headerBytes),
            let payload = buffer.readBytes(length: head.totalBytes - headerBytes),
            let end = buffer.readBytes(length: 2), end == [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        else { throw .violation("a message that is longer than it says") }
        self.head = nil
        let parsed = head.headerBytes == nil ? nil : try HeaderBlock.read(fields)
        return .message(
            NATSMessage(
                subject: head.subject, reply: head.reply, headers: parsed?.headers ?? NATSHeaders(),
                status: parsed?.status, payload: payload),
            subscription: head.subscription)
    }
}
