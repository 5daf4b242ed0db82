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
            if !wasStale(upstream) {
                replicaFailed(upstream.place)
                exclude(upstream.place)
            }
            leave(upstream.place)
            if mayRepeat(upstream) {
                wasRepeated = true
                phase = .connecting
                repeatElsewhere(RepeatedRequest(bytes: upstream.request, host: upstream.host))
            } else {
                failWithoutUpstream(
                    TextAnswer(status: 502, text: LocalAnswers.unreachableText(route.name), isInternal: true))
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

    /// Ends the call with an answer of our own; nothing of another may have been written.
    func fail(_ status: Int, _ text: String, closing: Bool = false) {
        fail(TextAnswer(status: status, text: text, isInternal: true), closing: closing)
    }

    /// The same, because of a limit.
    func fail(_ limit: Limit, closing: Bool = false) {
        self.limit = limit
        fail(worker.settings.answer(limit, route: route), closing: closing)
    }

    private func fail(_ answer: TextAnswer, closing: Bool) {
        if case .sent(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        failWithoutUpstream(answer, closing: closing)
    }

    private func failWithoutUpstream(_ answer: TextAnswer, closing: Bool = false) {
        let headIsUnread: Bool
        switch phase {
        case .waiting, .connecting: headIsUnread = !wasRepeated
        case .sent, .answering, .tunnel, .ended: headIsUnread = false
        }
        if method != .head { bytesOut = answer.text.utf8.count }
        finish(status: answer.status)
        if headIsUnread { client.consume(client.parser.head.length) }
        client.answer(
            answer, method: method, isHTTP11: isHTTP11, keepsAlive: keepsAlive && !closing && !awaitsContinue,
            rest: requestBody, facts: facts(duration: 0))
    }

    /// Ends the call because of a limit, with an answer if none has begun.
    func failOrCut(_ limit: Limit) {
        if case .sent = phase { fail(limit, closing: true) } else { cut(limit) }
    }

    /// Ends a call whose answer has begun so that the client sees that it is not whole.
    func cut(status: Int) {
        if case .answering(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        cutWithoutUpstream(status: status)
    }

    /// The same, because of a limit.
    func cut(_ limit: Limit) {
        self.limit = limit
        cut(status: limit.status)
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
        replicaSucceeded(upstream.place)
        leave(upstream.place)
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func endAnswerByClose(_ upstream: UpstreamConnection) {
        let now = NIODeadline.now()
        finish(status: answerStatus, now: now)
        replicaSucceeded(upstream.place)
        leave(upstream.place)
        if answerFraming == .madeChunked { client.write(ByteBuffer(staticString: "0\r\n\r\n")) }
        client.flush()
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func finish(status: Int, now: NIODeadline = .now()) {
        client.logEnd(
            AccessLog.End(
                status: status, bytesIn: bytesIn, bytesOut: bytesOut, replica: replica, limit: limit),
            now: now)
        phase = .ended
        cell.counter.end(status: status, duration: (now - started).nanoseconds)
    }

    /// The replica that has the request.
    private var replica: ReplicaEndpoint? {
        switch phase {
        case .sent(let upstream), .answering(let upstream), .tunnel(let upstream): upstream.endpoint
        case .waiting, .connecting, .ended: nil
        }
    }
}
