import NIOCore
import OpenFaaSAPI

/// All the ways in which a call can end.
extension FunctionCall {
    /// The replica's connection is closed. It no longer knows the call.
    func upstreamClosed(_ upstream: UpstreamConnection, cleanly: Bool) {
        switch phase {
        case .waiting, .connecting, .ended:
            return
        case .sent:
            let repeats = mayRepeat(upstream)
            leave(upstream.place)
            if repeats {
                wasRepeated = true
                phase = .connecting
                repeatElsewhere(RepeatedRequest(bytes: upstream.request, host: upstream.host))
            } else {
                failWithoutUpstream(502, LocalAnswers.unreachableText(route.name))
            }
        case .answering:
            if answerBody == .untilClose, cleanly {
                endAnswerByClose(upstream)
            } else {
                leave(upstream.place)
                cutWithoutUpstream(status: 502)
            }
        case .tunnel:
            leave(upstream.place)
            finish(status: 101)
            client.closeAfterFlush()
        }
        client.process()
    }

    /// The client's connection is closed.
    func clientClosed() {
        switch phase {
        case .waiting:
            worker.room.leave(self, for: route.name)
            finish(status: 499)
        case .connecting:
            // The place in the pool is left when the connection is there, or is not.
            finish(status: 499)
        case .sent(let upstream), .answering(let upstream):
            finish(status: 499)
            upstream.close()
            leave(upstream.place)
        case .tunnel(let upstream):
            finish(status: 101)
            upstream.closeAfterFlush()
            leave(upstream.place)
        case .ended:
            return
        }
    }

    /// The client's deadline has passed.
    func deadlinePassed() {
        switch phase {
        case .waiting:
            worker.room.leave(self, for: route.name)
            fail(503, "no replica of \(route.name) became ready in time; try again later\n", retryAfter: 1)
        case .connecting, .ended:
            return
        case .sent(let upstream):
            if !requestBody.isEnded, upstream.isWritable {
                fail(408, "the request's body did not arrive in time\n", closing: true)
            } else {
                let limit = LocalAnswers.seconds(route.timeout)
                fail(504, "\(route.name) did not answer within its limit of \(limit) s\n")
            }
        case .answering:
            cut(status: 504)
        case .tunnel:
            client.abort()
        }
        client.process()
    }

    /// Ends the call with an answer of our own; nothing of another may have been written.
    func fail(_ status: Int, _ text: String, retryAfter: Int? = nil, closing: Bool = false) {
        if case .sent(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        failWithoutUpstream(status, text, retryAfter: retryAfter, closing: closing)
    }

    private func failWithoutUpstream(_ status: Int, _ text: String, retryAfter: Int? = nil, closing: Bool = false) {
        let headIsUnread: Bool
        switch phase {
        case .waiting: headIsUnread = true
        case .connecting: headIsUnread = !wasRepeated
        case .sent, .answering, .tunnel, .ended: headIsUnread = false
        }
        finish(status: status)
        if headIsUnread { client.consume(client.parser.head.length) }
        let answer = TextAnswer(status: status, text: text, isInternal: true, retryAfter: retryAfter)
        client.answer(
            answer, method: method, isHTTP11: isHTTP11, keepsAlive: keepsAlive && !closing && !awaitsContinue,
            rest: requestBody, facts: facts(duration: 0))
    }

    /// Ends a call whose answer has begun so that the client sees that it is not whole.
    func cut(status: Int) {
        if case .answering(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        cutWithoutUpstream(status: status)
    }

    private func cutWithoutUpstream(status: Int) {
        finish(status: status)
        if answerFraming == .untilClose {
            // A regular close is what such a client takes for the end.
            client.reset()
        } else {
            client.closeAfterFlush()
        }
    }

    /// The replica has sent all of its answer.
    func endAnswer(on upstream: UpstreamConnection, now: NIODeadline) {
        finish(status: answerStatus, now: now)
        client.flush()
        if answerKeepsUpstream, requestBody.isEnded, upstream.unread.readableBytes == 0, upstream.isOpen,
            !worker.isShuttingDown
        {
            upstream.release(now: now)
        } else {
            upstream.close()
        }
        leave(upstream.place)
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func endAnswerByClose(_ upstream: UpstreamConnection) {
        let now = NIODeadline.now()
        finish(status: answerStatus, now: now)
        leave(upstream.place)
        if answerFraming == .madeChunked { client.write(ByteBuffer(staticString: "0\r\n\r\n")) }
        client.flush()
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func finish(status: Int, now: NIODeadline = .now()) {
        phase = .ended
        cell.counter.end(status: status, duration: (now - started).nanoseconds)
    }
}
