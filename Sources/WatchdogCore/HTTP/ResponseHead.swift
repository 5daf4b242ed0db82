/// The head of an answer.
struct ResponseHead {
    enum Length: Equatable {
        case exact(Int)
        /// Known when the body ends: chunks, or for HTTP/1.0 the end of the connection.
        case unknown
        /// The status says that there is none, and its length is not to be told: 204, 304, 101.
        case none
    }

    var status: StatusLine
    /// nil leaves the field out.
    var contentType: String?
    var length: Length
    /// How long the function took, when that is known before the head goes out.
    var duration: TimeSpan?
    /// Says that the platform answers and not the function: the value of `X-Openfaas-Internal`.
    var origin: StaticString?
    /// Whether the function gives its own Date.
    var hasDate = false

    init(
        _ status: StatusCode = .ok, contentType: String? = "text/plain; charset=utf-8", length: Length,
        duration: TimeSpan? = nil
    ) {
        self.status = StatusLine(status)
        self.contentType = contentType
        self.length = length
        self.duration = duration
    }

    init(_ status: StatusLine, length: Length, duration: TimeSpan?) {
        self.status = status
        self.length = length
        self.duration = duration
    }

    /// - Parameters:
    ///   - date: the value of the Date field.
    ///   - closes: whether the connection ends with this answer.
    ///   - isChunked: how a body of unknown length is sent.
    ///   - fields: writes further field lines.
    func write(
        to buffer: Buffer, date: [UInt8], closes: Bool, isChunked: Bool, fields: (Buffer) -> Void = { _ in }
    ) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: status.code)
        buffer.append(" ")
        status.writeReason(to: buffer)
        if let contentType {
            buffer.append("\r\nContent-Type: ")
            buffer.append(contentType)
        }
        if case .exact(let count) = length {
            buffer.append("\r\nContent-Length: ")
            buffer.append(decimal: count)
        }
        if length == .unknown, isChunked { buffer.append("\r\nTransfer-Encoding: chunked") }
        if !hasDate {
            buffer.append("\r\nDate: ")
            buffer.append(date)
        }
        if let duration {
            buffer.append("\r\nX-Duration-Seconds: ")
            buffer.append(seconds: duration)
        }
        if let origin {
            buffer.append("\r\nX-Openfaas-Internal: ")
            buffer.append(origin)
        }
        if closes { buffer.append("\r\nConnection: close") }
        buffer.append("\r\n")
        fields(buffer)
        buffer.append("\r\n")
    }
}

/// A status with its words: the watchdog's own, or those of the function.
struct StatusLine {
    let code: Int
    private let reason: UnsafeRawBufferPointer

    init(_ status: StatusCode) {
        code = status.rawValue
        let text = status.reason
        reason = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// - Parameter reason: refers to memory that has to live until the head is written.
    init(code: Int, reason: UnsafeRawBufferPointer) {
        self.code = code
        self.reason = reason
    }

    /// With the usual words for it in place of none.
    var known: StatusLine { StatusCode(rawValue: code).map(StatusLine.init) ?? self }

    /// Whether an answer with this status never has a body.
    var isBodiless: Bool { code == 204 || code == 304 || code < 200 }

    func writeReason(to buffer: Buffer) {
        buffer.append(reason)
    }
}
