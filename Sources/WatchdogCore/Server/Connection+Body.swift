/// Bodies: from the client to the call, or to nowhere when nobody wants them.
///
/// Nothing is read from the client that the function does not take, with one exception: a client that sends its whole
/// body before it reads, to a function that answers before it has read all. Neither would ever move again; so while
/// the client does not take the answer (`isStuck`), its body is kept in a spool, up to the bounds in `Limits`.
extension Connection {
    func moveBody() -> Bool {
        let hasMoved = moveBacklog()
        guard !exchange.body.isComplete, !exchange.isCut else { return hasMoved }
        guard let input, !input.isEmpty else { return receiveMore() || hasMoved }
        switch exchange.body.next(input.readable) {
        case .framing(let count):
            input.consume(count)
        case .payload(let count):
            let taken = deliver(input.readable.slice(0..<count))
            guard taken > 0 else { return hasMoved }
            exchange.body.consumed(taken)
            input.consume(taken)
        case .malformed(let rejection):
            fail(rejection.status, rejection.reason)
            return true
        }
        if exchange.body.isComplete { bodyEnded() }
        return true
    }

    /// Gives the function what it had no room for before.
    private func moveBacklog() -> Bool {
        guard let backlog, let call else { return false }
        let bytes = backlog.readable
        if backlog.isBroken {
            fail(.internalError, "request body could not be kept")
            return true
        }
        let taken = call.offerInput(bytes)
        backlog.consume(taken)
        guard backlog.isEmpty else { return taken > 0 }
        self.backlog = nil
        if exchange.body.isComplete { call.finishInput() }
        return true
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) -> Int {
        if exchange.held != nil { return keep(bytes) }
        guard let call, !exchange.dropsBody else {
            exchange.discarded += bytes.count
            return bytes.count
        }
        let taken = backlog == nil ? call.offerInput(bytes) : 0
        guard taken == 0, isStuck else { return taken }
        let backlog = backlog ?? Spool(server.spools)
        self.backlog = backlog
        return backlog.append(bytes)
    }

    /// Keeps the body of a request whose function is called when all of it is there.
    private func keep(_ bytes: UnsafeRawBufferPointer) -> Int {
        let backlog = backlog ?? Spool(server.spools)
        self.backlog = backlog
        if backlog.append(bytes) < bytes.count {
            let text = "request body is larger than \(backlog.bound) bytes"
            server.log.line(text)
            fail(.contentTooLarge, text)
        }
        return bytes.count
    }

    /// Reads what the client sent; `false` when there is nothing now, or nothing any more.
    func receiveMore() -> Bool {
        guard canReceive else { return false }
        switch receive() {
        case .moved:
            return true
        case .blocked:
            return false
        case .ended, .failed:
            close()
            return false
        }
    }

    func bodyEnded() {
        server.loop.rest(clientTimer)
        if exchange.held != nil { startHeld() }
        if backlog == nil { call?.finishInput() }
        if input?.isEmpty ?? false { releaseInput() }
    }

    /// `read_timeout` is over. It is the client's time: while the function does not take what is there, it starts anew.
    func bodyTimeOver() {
        if let call, call.isInputOpen, let input, !input.isEmpty, let limit = server.configuration.readTimeout {
            return server.loop.arm(clientTimer, after: limit)
        }
        server.log.line(server.readTimeoutText)
        fail(.requestTimeout, server.readTimeoutText)
        pump()
    }
}
