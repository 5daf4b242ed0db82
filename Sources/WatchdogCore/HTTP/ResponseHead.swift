/// The head of an answer.
struct ResponseHead {
    enum Length: Equatable {
        case exact(Int)
        case chunked
        /// The end of the connection ends the body: HTTP/1.0.
        case untilClose
    }

    var status = StatusCode.ok
    var contentType = "text/plain; charset=utf-8"
    var length = Length.exact(0)
    /// How long the function took, when that is known before the head goes out.
    var duration: Duration?
    var closes = false
    /// Says that the platform answers and not the function: the value of `X-Openfaas-Internal`.
    var origin: StaticString?
    /// The methods a 405 allows.
    var allow: StaticString?

    /// - Parameter date: the value of the Date field.
    func write(to buffer: Buffer, date: [UInt8]) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: status.rawValue)
        buffer.append(" ")
        buffer.append(status.reason)
        buffer.append("\r\nContent-Type: ")
        buffer.append(contentType)
        switch length {
        case .exact(let count):
            buffer.append("\r\nContent-Length: ")
            buffer.append(decimal: count)
        case .chunked:
            buffer.append("\r\nTransfer-Encoding: chunked")
        case .untilClose:
            break
        }
        buffer.append("\r\nDate: ")
        buffer.append(date)
        if let duration {
            buffer.append("\r\nX-Duration-Seconds: ")
            buffer.append(seconds: duration)
        }
        if let origin {
            buffer.append("\r\nX-Openfaas-Internal: ")
            buffer.append(origin)
        }
        if let allow {
            buffer.append("\r\nAllow: ")
            buffer.append(allow)
        }
        if closes { buffer.append("\r\nConnection: close") }
        buffer.append("\r\n\r\n")
    }
}
