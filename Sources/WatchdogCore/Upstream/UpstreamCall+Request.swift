/// From the client to the function.
extension UpstreamCall {
    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !isInputOver else { return bytes.count }
        dropSent()
        if request.free < Limits.ownLine {
            flushRequest()
            dropSent()
        }
        // Beside the bytes: the size in hexadecimal and two line ends.
        let count = min(bytes.count, request.free - 24)
        // A little room would make little chunks.
        guard count == bytes.count || request.free >= Limits.ownLine else { return 0 }
        isReplayable = false
        if isChunked {
            request.append(hexadecimal: count)
            request.append("\r\n")
        }
        request.append(bytes.slice(0..<count))
        if isChunked { request.append("\r\n") }
        if isSending { flushRequest() }
        return count
    }

    func finishInput() {
        guard !isInputOver else { return }
        isInputOver = true
        if isChunked { request.append("0\r\n\r\n") }
        if isSending { flushRequest() }
    }

    /// Forgets what was sent, to make room.
    private func dropSent() {
        guard sent > 0, !isReplayable else { return }
        request.consume(sent)
        request.compact()
        sent = 0
    }

    /// Sends what the function takes.
    func flushRequest() {
        guard phase != .connecting, let socket else { return }
        isSending = true
        while sent < request.count, socket.canSend {
            let bytes = request.readable
            switch Descriptors.send(socket: socket.descriptor, bytes.slice(sent..<bytes.count)) {
            case .moved(let count):
                sent += count
                hasSent = true
            case .blocked:
                socket.canSend = false
            case .ended, .failed:
                // There may be an answer all the same; that it is missing shows when it is read.
                socket.canSend = false
                socket.canReceive = true
                isInputOver = true
            }
        }
    }
}
