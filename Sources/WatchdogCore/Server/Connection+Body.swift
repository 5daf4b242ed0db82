/// Bodies: from the client to the call, or to nowhere when nobody wants them.
extension Connection {
    func moveBody() -> Bool {
        guard !exchange.body.isComplete, !exchange.isCut else { return false }
        guard let input, !input.isEmpty else { return receiveMore() }
        switch exchange.body.next(input.readable) {
        case .framing(let count):
            input.consume(count)
        case .payload(let count):
            let taken = deliver(input.readable.slice(0..<count))
            guard taken > 0 else { return false }
            exchange.body.consumed(taken)
            input.consume(taken)
        case .malformed(let rejection):
            fail(rejection.status, rejection.reason)
            return true
        }
        if exchange.body.isComplete { bodyEnded() }
        return true
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let call { return call.offerInput(bytes) }
        exchange.discarded += bytes.count
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
        server.loop.disarm(clientTimer)
        call?.finishInput()
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
