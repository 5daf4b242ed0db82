/// Heads: from the first byte to a call or an answer.
extension Connection {
    func advanceHead() -> Bool {
        if let input, !input.isEmpty {
            switch scanner.scan(input.readable) {
            case .incomplete: break
            case .blank(let count):
                input.consume(count)
                return true
            case .complete(let length):
                begin(headLength: length)
                return true
            case .rejected(let rejection):
                refuse(rejection)
                return true
            }
        }
        return receiveHead()
    }

    private func receiveHead() -> Bool {
        guard canReceive else { return false }
        let isFirst = input?.isEmpty ?? true
        guard makeRoom() else { return true }
        switch receive() {
        case .moved:
            if isFirst, let limit = server.configuration.readTimeout { server.loop.arm(clientTimer, after: limit) }
            return true
        case .blocked:
            // An idle connection holds no memory for its input.
            if isFirst { releaseInput() }
            return false
        case .ended, .failed:
            close()
            return false
        }
    }

    /// Doubles the buffer of a head that does not fit; the scanner refuses a head that is too large before it matters.
    private func makeRoom() -> Bool {
        guard let buffer = input, buffer.free == 0 else { return true }
        buffer.compact()
        guard buffer.free == 0 else { return true }
        guard let bigger = server.pool.grow(buffer) else {
            refuse(Rejection(status: .unavailable, reason: "too many large requests at once, try again"))
            return false
        }
        input = bigger
        return true
    }

    /// A head is complete.
    private func begin(headLength: Int) {
        guard let input else { return }
        let bytes = input.readable.slice(0..<headLength)
        switch RequestParser.parse(bytes) {
        case .failure(let refusal):
            refuse(refusal.rejection)
        case .success(let head):
            startExchange(head)
            route(head, bytes)
            guard phase == .exchange else { return }
            // After that of `exec_timeout`: of two timers due at once the one armed first comes first.
            if let limit = server.configuration.writeTimeout { server.loop.arm(writeTimer, after: limit) }
            // The call has its own copy of all it needs from the head.
            self.input?.consume(headLength)
            if exchange.owesContinue, call != nil { sendContinue() }
            if exchange.body.isComplete { bodyEnded() }
        }
    }

    private func startExchange(_ head: RequestHead) {
        exchange = Exchange()
        exchange.body = RequestBody(head.framing)
        exchange.keepsAlive = head.keepsAlive && !server.isDraining
        exchange.isHEAD = head.isHEAD
        exchange.isHTTP10 = head.isHTTP10
        exchange.owesContinue = head.expectsContinue
        phase = .exchange
    }

    private func route(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        switch server.decide(method: bytes.slice(head.method), path: bytes.slice(head.path)) {
        case .answer(let reply):
            send(reply)
        case .call(let replacingPath):
            // Who has left is not worth a process: clients that gave up while they waited would only add to the load.
            guard !isPeerClosed else {
                server.log.line("client disconnected before its call")
                return close()
            }
            startCall(head, bytes, replacingPath: replacingPath)
        }
    }

    private func startCall(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, replacingPath: String?) {
        server.log.line { $0.append("Forking fprocess.") }
        do {
            let launched = try server.launcher.launch(
                head, in: bytes, replacingPath: replacingPath, takesInput: head.framing != .none)
            call = StreamingCall(launched, server: server, connection: self)
        } catch {
            let reply = LaunchFailure.reply(error, command: server.configuration.command[0])
            server.log.line(reply.body.dropLast().description)
            send(reply)
        }
    }

    private func sendContinue() {
        exchange.owesContinue = false
        // A client that has begun to send its body does not wait.
        guard input?.isEmpty ?? true else { return }
        let line: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
        let bytes = UnsafeRawBufferPointer(start: line.utf8Start, count: line.utf8CodeUnitCount)
        switch Descriptors.send(descriptor, bytes) {
        // Clients wait for this line only so long; one with a full socket does without.
        case .blocked: break
        case .moved(let count) where count == bytes.count: break
        case .moved, .ended, .failed: close()
        }
    }

    /// Answers a request that cannot be understood. Where it ends is not known, so nothing can follow it.
    func refuse(_ rejection: Rejection) {
        exchange = Exchange()
        exchange.keepsAlive = false
        phase = .exchange
        server.loop.disarm(clientTimer)
        server.loop.arm(writeTimer, after: Limits.lastWords)
        send(.platform(rejection.status, rejection.reason))
    }

    /// The request's time, or that of an idle connection, is over.
    func headTimeOver() {
        guard let input, !input.isEmpty else { return close() }
        refuse(Rejection(status: .requestTimeout, reason: server.readTimeoutText))
        pump()
    }
}
