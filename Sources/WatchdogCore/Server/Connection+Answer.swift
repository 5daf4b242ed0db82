/// Answers: from the call to the client.
extension Connection {
    func moveAnswer() -> Bool {
        if let output, !output.isEmpty, !(call?.isHolding ?? false) {
            guard canSend else { return false }
            return flush(output)
        }
        guard !exchange.isAnswered, let call else { return false }
        guard let step = call.readOutput(into: outputBuffer()) else {
            if output?.isEmpty ?? false { releaseOutput() }
            return false
        }
        take(step)
        return true
    }

    private func flush(_ output: Buffer) -> Bool {
        switch Descriptors.send(socket: descriptor, output.readable) {
        case .moved(let count):
            output.consume(count)
        case .blocked:
            // A change, too: see `isStuck`.
            canSend = false
        case .ended, .failed:
            if call != nil { server.log.line("client disconnected: call ended") }
            close()
        }
        return true
    }

    /// Whether the client does not take what there is for it.
    var isStuck: Bool { !canSend && !(output?.isEmpty ?? true) }

    /// Goes on with the answer as its call says.
    func take(_ step: CallStep) {
        guard call != nil, phase == .exchange else { return }
        switch step {
        case .more:
            break
        case .finish:
            finishAnswer()
        case .cut:
            server.log.line("answer broken off")
            exchange.isCut = true
            finishAnswer()
        }
    }

    private func finishAnswer() {
        exchange.isAnswered = true
        endCall()
    }

    /// Sends an answer of the watchdog itself.
    func send(_ reply: Reply) {
        // A client that waits for a 100 may send its body or not: only closing settles it.
        if exchange.owesContinue { exchange.keepsAlive = false }
        var head = ResponseHead(
            reply.status, contentType: reply.contentType, length: .exact(reply.body.utf8.count))
        head.origin = reply.origin?.text
        append(head, to: outputBuffer()) { $0.append(reply.field) }
        if !exchange.isHEAD { outputBuffer().append(reply.body) }
        exchange.isAnswered = true
    }

    /// Ends the exchange by a fault of the request or of time: an answer when none has begun, else a broken one.
    func fail(_ status: StatusCode, _ text: String) {
        exchange.keepsAlive = false
        if let call {
            take(call.fail(status, text))
        } else if exchange.held != nil {
            releaseHeld()
            send(.platform(status, text))
        } else {
            exchange.isCut = true
        }
    }

    /// `write_timeout` is over.
    func writeTimeOver() {
        let text = server.writeTimeoutText
        guard !exchange.isOverdue, call != nil || exchange.held != nil else {
            server.log.line("client does not take its answer: closed")
            return close()
        }
        exchange.isOverdue = true
        server.log.line("\(text): call ended")
        server.loop.arm(writeTimer, after: Limits.lastWords)
        fail(.gatewayTimeout, text)
        pump()
    }

    /// Once the answer is sent: the next request, or the end.
    func settle() -> Bool {
        guard exchange.isAnswered, output?.isEmpty ?? true else { return false }
        releaseOutput()
        if exchange.isCut {
            if exchange.isHTTP10 { reset() } else { linger() }
            return true
        }
        guard exchange.body.isComplete else {
            let givesUp = !exchange.keepsAlive || exchange.discarded > Limits.discardedBody
            if givesUp { linger() }
            return givesUp
        }
        guard exchange.keepsAlive, !server.isDraining else {
            linger()
            return true
        }
        endCount()
        phase = .head
        idleSince = server.loop.now
        server.loop.rest(writeTimer)
        let isIdle = input?.isEmpty ?? true
        server.loop.arm(clientTimer, after: isIdle ? Limits.idle : server.configuration.readTimeout ?? Limits.idle)
        return true
    }

    /// The function has agreed to another protocol: from here on bytes go both ways until one side closes.
    func becomeTunnel() {
        exchange.body = .open
        exchange.keepsAlive = false
        server.loop.rest(writeTimer)
        server.loop.rest(clientTimer)
    }

    /// Tells the metrics of a request that is over.
    func endCount() {
        guard let count = exchange.count else { return }
        exchange.count = nil
        let duration = Instant.now() - count.began
        server.metrics.add(count, duration: duration)
        guard let line = count.line else { return }
        server.log.line { line.write(to: $0, status: count.status, length: count.length, duration: duration) }
    }
}

// MARK: - Writing

extension Connection {
    /// Puts a head before the body that is in the buffer.
    func prepend(_ head: ResponseHead, to buffer: Buffer) {
        if exchange.isHEAD { buffer.clear() }
        let scratch = server.scratch
        scratch.clear()
        append(head, to: scratch)
        buffer.prepend(scratch.readable)
    }

    /// Adds a head to a buffer.
    /// - Parameter fields: writes further field lines.
    func append(_ head: ResponseHead, to buffer: Buffer, fields: (Buffer) -> Void = { _ in }) {
        exchange.count?.status = head.status.code
        if case .exact(let length) = head.length {
            exchange.count?.length = length
        } else {
            exchange.count?.length = -1
        }
        exchange.isChunked = head.length == .unknown && !exchange.isHTTP10
        if head.length == .unknown && exchange.isHTTP10 || server.isCrowded { exchange.keepsAlive = false }
        head.write(
            to: buffer, date: server.log.httpDate(), closes: !exchange.keepsAlive && head.status.code >= 200,
            isChunked: exchange.isChunked, fields: fields)
    }

    /// Makes a chunk of all that is in the buffer, of a body whose length is not known.
    func frame(_ buffer: Buffer) {
        if exchange.isHEAD { return buffer.clear() }
        if exchange.isHTTP10 || buffer.isEmpty { return }
        let scratch = server.scratch
        scratch.clear()
        scratch.append(hexadecimal: buffer.count)
        scratch.append("\r\n")
        buffer.prepend(scratch.readable)
        buffer.append("\r\n")
    }

    /// Adds bytes of a body behind what is in the buffer, as far as they fit.
    /// - Returns: how many.
    func append(body bytes: UnsafeRawBufferPointer, to buffer: Buffer) -> Int {
        if exchange.isHEAD { return bytes.count }
        guard exchange.isChunked else {
            let count = min(bytes.count, buffer.free)
            buffer.append(bytes.slice(0..<count))
            return count
        }
        // The size in hexadecimal and two line ends.
        let count = min(bytes.count, buffer.free - 24)
        guard count > 0 else { return 0 }
        buffer.append(hexadecimal: count)
        buffer.append("\r\n")
        buffer.append(bytes.slice(0..<count))
        buffer.append("\r\n")
        return count
    }

    /// Ends a body whose length is not known.
    func endFrames(_ buffer: Buffer) {
        if exchange.isChunked, !exchange.isHEAD { buffer.append("0\r\n\r\n") }
    }

    /// Puts a failure before the output that is in the buffer.
    /// - Parameter duration: how long the function took.
    func report(_ failure: AnswerState.Failure, duration: TimeSpan? = nil, before buffer: Buffer) {
        if !failure.isFunctions { exchange.keepsAlive = exchange.keepsAlive && exchange.body.isComplete }
        let scratch = server.scratch
        scratch.clear()
        scratch.append(failure.text)
        scratch.append("\n")
        buffer.prepend(scratch.readable)
        var head = ResponseHead(failure.status, length: .exact(buffer.count))
        head.duration = duration
        if !failure.isFunctions { head.origin = Reply.Origin.watchdog.text }
        prepend(head, to: buffer)
    }
}
