/// Answers: from the call to the client.
extension Connection {
    /// Output that waits for its head is in the buffer, and must not be sent yet.
    private var isHolding: Bool { (call?.answer.isHolding ?? false) && (call?.answer.held ?? 0) > 0 }

    func moveAnswer() -> Bool {
        if let output, !output.isEmpty, !isHolding {
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
        switch Descriptors.send(descriptor, output.readable) {
        case .moved(let count):
            output.consume(count)
            return true
        case .blocked:
            canSend = false
            return false
        case .ended, .failed:
            if call != nil { server.log.line("client disconnected: process ended") }
            close()
            return true
        }
    }

    /// Does what the answer's state asks for.
    func take(_ step: AnswerState.Step) {
        guard let call, phase == .exchange else { return }
        let buffer = outputBuffer()
        switch step {
        case .wait:
            break
        case .startFlushTimer:
            call.startFlushTimer()
        case .startFlow:
            startFlow(call, buffer)
        case .flow:
            addChunk(call, buffer)
        case .finishWhole:
            call.written = buffer.count
            addHead(ResponseHead(length: .exact(buffer.count), duration: call.age), to: buffer)
            finishAnswer()
        case .finishFlow:
            if !exchange.isHEAD, !exchange.isHTTP10 { buffer.append("0\r\n\r\n") }
            finishAnswer()
        case .fail(let failure):
            report(failure, call, buffer)
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

    private func startFlow(_ call: StreamingCall, _ buffer: Buffer) {
        if exchange.isHTTP10 { exchange.keepsAlive = false }
        let head = ResponseHead(length: exchange.isHTTP10 ? .untilClose : .chunked)
        addChunk(call, buffer)
        addHead(head, to: buffer)
    }

    /// Frames the bytes in the buffer, which are all of one read.
    private func addChunk(_ call: StreamingCall, _ buffer: Buffer) {
        call.written += buffer.count
        if exchange.isHEAD { return buffer.clear() }
        if exchange.isHTTP10 { return }
        let scratch = server.scratch
        scratch.clear()
        scratch.append(hexadecimal: buffer.count)
        scratch.append("\r\n")
        buffer.prepend(scratch.readable)
        buffer.append("\r\n")
    }

    /// Puts a head before the body that is in the buffer.
    private func addHead(_ head: ResponseHead, to buffer: Buffer) {
        var head = head
        if head.status == .ok { head.contentType = server.configuration.contentType }
        write(head, before: buffer)
    }

    private func write(_ head: ResponseHead, before buffer: Buffer) {
        var head = head
        head.closes = !exchange.keepsAlive
        if exchange.isHEAD { buffer.clear() }
        let scratch = server.scratch
        scratch.clear()
        head.write(to: scratch, date: server.log.httpDate())
        buffer.prepend(scratch.readable)
    }

    private func report(_ failure: AnswerState.Failure, _ call: StreamingCall, _ buffer: Buffer) {
        if !failure.withOutput { exchange.keepsAlive = exchange.keepsAlive && exchange.body.isComplete }
        if failure.withOutput { call.written = buffer.count } else { buffer.clear() }
        let scratch = server.scratch
        scratch.clear()
        scratch.append(failure.text)
        scratch.append("\n")
        buffer.prepend(scratch.readable)
        var head = ResponseHead(status: failure.status, length: .exact(buffer.count))
        if failure.withOutput { head.duration = call.age } else { head.origin = Reply.Origin.watchdog.text }
        write(head, before: buffer)
    }

    /// Sends an answer of the watchdog itself.
    func send(_ reply: Reply) {
        // A client that waits for a 100 may send its body or not: only closing settles it.
        if exchange.owesContinue { exchange.keepsAlive = false }
        var head = ResponseHead(status: reply.status, contentType: reply.contentType)
        head.length = .exact(reply.body.utf8.count)
        head.origin = reply.origin?.text
        if reply.allowsOnlyGet { head.allow = "GET" }
        let buffer = outputBuffer()
        buffer.append(reply.body)
        write(head, before: buffer)
        exchange.isAnswered = true
    }

    /// Ends the exchange by a fault of the request or of time: an answer when none has begun, else a broken one.
    func fail(_ status: StatusCode, _ text: String) {
        guard let call else {
            exchange.isCut = true
            return
        }
        exchange.keepsAlive = false
        take(call.answer.failed(status, text))
    }

    /// `write_timeout` is over.
    func writeTimeOver() {
        let text = server.writeTimeoutText
        guard !exchange.isOverdue, call != nil else {
            server.log.line("client does not take its answer: closed")
            return close()
        }
        exchange.isOverdue = true
        server.log.line("\(text): process ended")
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
        phase = .head
        idleSince = server.nextIdleNumber()
        server.loop.disarm(writeTimer)
        let isIdle = input?.isEmpty ?? true
        server.loop.arm(clientTimer, after: isIdle ? Limits.idle : server.configuration.readTimeout ?? Limits.idle)
        return true
    }
}
