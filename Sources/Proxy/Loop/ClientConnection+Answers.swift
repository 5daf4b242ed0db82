import NIOCore

/// Answers, and what comes behind them.
extension ClientConnection {
    func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    func writeContinue() {
        context?.writeAndFlush(
            wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Gives an answer of our own, and ends the exchange.
    func answer(
        _ answer: TextAnswer, method: RequestMethod, isHTTP11: Bool, keepsAlive: Bool, rest: BodyFraming,
        facts: AnswerFacts?
    ) {
        let keepsAlive = keepsAlive && !worker.isShuttingDown && mayDiscard(rest)
        _ = worker.clock.now()
        worker.scratch.clear()
        answer.write(
            to: &worker.scratch, withBody: method != .head,
            connection: Self.field(keepsAlive: keepsAlive, isHTTP11: isHTTP11), date: worker.clock.date, facts: facts)
        write(worker.scratch)
        flush()
        let now = NIODeadline.now()
        logEnd(
            AccessLog.End(
                status: answer.status, bytesOut: method == .head ? 0 : answer.text.utf8.count, limit: answer.limit),
            now: now)
        exchangeEnded(keepsAlive: keepsAlive, rest: rest, now: now)
    }

    /// What `Connection` must say.
    static func field(keepsAlive: Bool, isHTTP11: Bool) -> StaticString? {
        switch (keepsAlive, isHTTP11) {
        case (true, true): nil
        case (true, false): "keep-alive"
        case (false, _): "close"
        }
    }

    /// Whether the rest of a request's body is small enough to be dropped, or may be.
    private func mayDiscard(_ rest: BodyFraming) -> Bool {
        guard case .length(let length) = rest else { return true }
        return length <= worker.settings.discardedBodyBytes
    }

    /// An answer was written and flushed.
    ///
    /// - Parameters:
    ///   - keepsAlive: whether the client was told that its connection stays open.
    ///   - rest: what of the request's body was not read.
    func exchangeEnded(keepsAlive: Bool, rest: BodyFraming, now: NIODeadline) {
        if case .closed = state { return }
        guard keepsAlive, mayDiscard(rest) else {
            closeAfterFlush()
            return
        }
        if rest.isEnded {
            becomeIdle(now)
        } else {
            state = .discarding(rest, budget: worker.settings.discardedBodyBytes)
            deadline = now + worker.settings.headTimeout
        }
        process()
    }

    func becomeIdle(_ now: NIODeadline) {
        state = .head
        deadline = now + worker.settings.idleTimeout
        parser.reset()
        // The client was told that its connection stays. A request that it has sent since is answered, and told the end.
        if worker.isShuttingDown { closeIfUnused() }
    }
}
