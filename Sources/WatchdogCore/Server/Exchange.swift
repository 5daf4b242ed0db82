/// What a connection knows of the request it works on.
struct Exchange {
    var body = RequestBody()
    /// Whether another request may follow on the connection.
    var keepsAlive = true
    var isHEAD = false
    var isHTTP10 = false
    /// The request waits for its body; its function is called then.
    var held: HeldRequest?
    /// The answer is complete in the output buffer, or sent.
    var isAnswered = false
    /// The answer was broken off.
    var isCut = false
    /// The client waits for a 100 before it sends its body, and has not got it.
    var owesContinue = false
    /// The body is not the function's: another request than the client's is made of it.
    var dropsBody = false
    /// Body bytes thrown away after the answer.
    var discarded = 0
    /// `write_timeout` is over and the client is being told.
    var isOverdue = false
    /// How a body whose length was not known at its head is framed.
    var isChunked = false
    /// What the request is counted as; nil when it is not the function's.
    var count: RequestCount?
}

/// What the metrics are told of a request when it is over.
struct RequestCount {
    let method: RequestMetrics.Method
    let began: Instant
    /// The status that was sent. As nginx has it: 499 for a client that left before it was answered.
    var status = 499
    /// Bytes of the answer's body, -1 when they were not known at its head.
    var length = 0
    /// Method, target and call id for the log, where requests are logged.
    var line: RequestLine?
}

/// What the log says of a request.
struct RequestLine {
    private let request: [UInt8]
    private let callID: [UInt8]?

    /// - Parameter showsCallID: `log_callid`.
    init(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, showsCallID: Bool) {
        let target = head.path.lowerBound..<max(head.path.upperBound, head.query.upperBound)
        let shown = bytes.slice(target).prefix(Limits.shownTarget)
        var request: [UInt8] = []
        request.reserveCapacity(head.method.count + 1 + shown.count)
        request.append(contentsOf: bytes.slice(head.method))
        request.append(.space)
        request.append(contentsOf: shown)
        self.request = request
        guard showsCallID else {
            callID = nil
            return
        }
        let field = head.fields.first { bytes.slice($0.name).matches("x-call-id") }
        callID = field.map { Array(bytes.slice($0.value).prefix(Limits.shownText)) } ?? Array("none".utf8)
    }

    /// `GET /path?query - 200 OK - ContentLength: 2B (0.0019s) [7]`, as of-watchdog writes it.
    func write(to buffer: Buffer, status: Int, length: Int, duration: TimeSpan) {
        buffer.append(request)
        buffer.append(" - ")
        buffer.append(decimal: status)
        if let known = StatusCode(rawValue: status) {
            buffer.append(" ")
            buffer.append(known.reason)
        }
        buffer.append(length < 0 ? " - ContentLength: -" : " - ContentLength: ")
        buffer.append(decimal: length)
        buffer.append("B (")
        buffer.append(seconds: duration)
        buffer.append("s)")
        guard let callID else { return }
        buffer.append(" [")
        buffer.append(callID)
        buffer.append("]")
    }
}
