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
            if exchange.owesContinue, call != nil || exchange.held != nil { sendContinue() }
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
        let method = bytes.slice(head.method)
        let path = bytes.slice(head.path)
        guard role == .function else { return routeMetrics(method: method, path: path) }
        switch server.decide(method: method, path: path) {
        case .answer(let reply):
            send(reply)
        case .refuse(let reply):
            exchange.count = RequestCount(method: RequestMetrics.Method(method), began: Instant.now())
            send(reply)
        case .call(let replacingPath):
            // Who has left is not worth a process: clients that gave up while they waited would only add to the load.
            guard !isPeerClosed else {
                server.log.line("client disconnected before its call")
                return close()
            }
            if replacingPath == nil {
                var count = RequestCount(method: RequestMetrics.Method(method), began: Instant.now())
                if server.logsRequests {
                    count.line = RequestLine(head, bytes, showsCallID: server.configuration.logCallID)
                }
                exchange.count = count
            }
            var head = head
            if replacingPath != nil {
                head.framing = .none
                exchange.dropsBody = true
            }
            let request = CallRequest(head: head, bytes: bytes, replacingPath: replacingPath)
            guard server.holdsBodies, head.framing != .none else { return startCall(request) }
            exchange.held = HeldRequest(request)
            server.callBegan()
        }
    }

    private func routeMetrics(method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) {
        guard path.equals("/metrics") else { return send(Reply(status: .notFound, body: "404 page not found\n")) }
        guard method.equals("GET") || method.equals("HEAD") else { return send(.onlyAllows("GET, HEAD")) }
        call = PageCall(
            server.metricsPage, contentType: "text/plain; version=0.0.4; charset=utf-8", connection: self)
    }

    private func startCall(_ request: CallRequest) {
        guard let failure = server.startCall(request, on: self) else { return }
        let (status, text) = failure
        server.log.line(text)
        send(.platform(status, text))
    }

    /// The body of a held request is complete.
    func startHeld() {
        guard let held = exchange.held else { return }
        exchange.held = nil
        // From here on the call counts by itself.
        server.callEnded()
        held.withRequest(length: backlog?.count ?? 0) { startCall($0) }
        if call == nil { backlog = nil }
    }

    /// Gives a held request up.
    func releaseHeld() {
        guard exchange.held != nil else { return }
        exchange.held = nil
        backlog = nil
        server.callEnded()
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
        server.loop.rest(clientTimer)
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
