import NIOCore

/// From the bytes of a head to whoever answers.
extension ClientConnection {
    /// Parses a head, and hands the request over.
    ///
    /// - Returns: whether there may be more to do.
    func takeHead() -> Bool {
        guard unread.readableBytes > 0, isWritable else { return false }
        do {
            let progress = try unread.withUnsafeReadableBytes { try parser.parse($0) }
            guard case .complete = progress else {
                if !isInHead {
                    isInHead = true
                    deadline = .now() + worker.settings.headTimeout
                }
                return false
            }
        } catch {
            refuse(error as? HeadFault ?? .malformedRequestLine)
            return false
        }
        isInHead = false
        dispatch()
        return true
    }

    private func dispatch() {
        let head = parser.head
        logBegin(head)
        guard !redirects else { return redirect() }
        let (path, found) = unread.withUnsafeReadableBytes { bytes in
            let path = FunctionPath(bytes, target: head.target)
            return (path, path.flatMap { worker.index.route(bytes.part($0.name)) })
        }
        guard let path else {
            let exchange = FallbackExchange(client: self, worker: worker)
            state = .fallback(exchange)
            exchange.begin()
            return
        }
        if let found {
            let call = FunctionCall(
                client: self, worker: worker, route: worker.routes[found], path: path.rest, now: .now())
            state = .call(call)
            call.begin()
            return
        }
        let answer = unread.withUnsafeReadableBytes {
            LocalAnswers.unknownFunction($0.part(path.name), defaultNamespace: worker.settings.defaultNamespace)
        }
        consume(head.length)
        self.answer(
            answer, method: head.method, isHTTP11: head.isHTTP11,
            keepsAlive: head.keepsAlive && !head.expectsContinue, rest: head.body, facts: nil)
    }

    private func refuse(_ fault: HeadFault) {
        logBegin(nil)
        let answer =
            fault.limit.map { worker.settings.answer($0) }
            ?? TextAnswer(status: fault.status, text: "\(fault.text)\n")
        self.answer(answer, method: .other, isHTTP11: true, keepsAlive: false, rest: .length(0), facts: nil)
    }

    /// Drops unread bytes of a request's body.
    ///
    /// - Returns: whether there may be more to do.
    func discard(_ body: BodyFraming, _ budget: Int) -> Bool {
        var body = body
        do {
            let run = try unread.withUnsafeReadableBytes { try body.takeRaw($0) }
            let count = run.pass + run.skip
            consume(count)
            guard count <= budget else {
                closeAfterFlush()
                return false
            }
            if body.isEnded {
                becomeIdle(.now())
                return true
            }
            state = .discarding(body, budget: budget - count)
            return count > 0
        } catch {
            closeAfterFlush()
            return false
        }
    }
}
