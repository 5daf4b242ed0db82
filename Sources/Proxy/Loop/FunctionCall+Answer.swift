import NIOCore
import OpenFaaSAPI

/// The answer's way from the replica to the client.
extension FunctionCall {
    /// The replica has sent something.
    func answerArrived(on upstream: UpstreamConnection) {
        switch phase {
        case .sent: takeHead(upstream)
        case .answering: takeBody(upstream, headIsPending: false)
        case .tunnel: takeTunnel(upstream)
        case .waiting, .connecting, .ended: return
        }
    }

    private func takeHead(_ upstream: UpstreamConnection) {
        do {
            while true {
                let progress = try upstream.unread.withUnsafeReadableBytes { try upstream.parser.parse($0) }
                guard case .complete = progress else { return }
                guard upstream.parser.head.isInterim else { break }
                interimHeads += 1
                guard interimHeads <= LoopSettings.interimHeads else {
                    replicaFailed(upstream.place)
                    fail(502, "\(route.name.name) gave no answer, but one informational head after the other\n")
                    client.process()
                    return
                }
                passInterim(upstream)
                // Passing it on may have shown that the client is gone.
                guard case .sent = phase else { return }
            }
        } catch {
            replicaFailed(upstream.place)
            fail(502, "\(route.name.name) gave an answer that is not HTTP\n")
            client.process()
            return
        }
        let status = upstream.parser.head.status
        guard status != 101 || wantsTunnel else {
            replicaFailed(upstream.place)
            fail(502, "\(route.name.name) switched protocols without being asked\n")
            client.process()
            return
        }
        beginAnswer(upstream)
    }

    /// Informational heads are passed on (RFC 9110 §15.2), but not `100 Continue`, which the client got from us.
    private func passInterim(_ upstream: UpstreamConnection) {
        let head = upstream.parser.head
        // The replica has begun to answer.
        isRepeatable = false
        if isHTTP11, head.status != 100 {
            worker.scratch.clear()
            upstream.unread.withUnsafeReadableBytes { bytes in
                ResponseRewriter(head: head, bytes: bytes, framing: .none, connection: nil, facts: nil)
                    .write(to: &worker.scratch)
            }
            client.write(worker.scratch)
            client.flush()
        }
        upstream.unread.moveReaderIndex(forwardBy: head.length)
        upstream.parser.reset()
    }

    private func beginAnswer(_ upstream: UpstreamConnection) {
        let now = NIODeadline.now()
        let head = upstream.parser.head
        phase = .answering(upstream)
        worker.pool.answerBegan(at: upstream.place)
        answerStatus = head.status
        answerBody = head.body(answering: method)
        answerFraming = head.framing(answerBody, forHTTP11: isHTTP11)
        answerKeepsUpstream = head.keepsAlive && answerBody != .untilClose
        answerKeepsClient = keepsAlive && answerFraming != .untilClose && !worker.isShuttingDown
        let duration = UInt64(max(0, (now - started).nanoseconds))
        worker.scratch.clear()
        upstream.unread.withUnsafeReadableBytes { bytes in
            ResponseRewriter(
                head: head, bytes: bytes, framing: answerFraming, connection: connectionField,
                facts: facts(duration: duration)
            ).write(to: &worker.scratch)
        }
        upstream.unread.moveReaderIndex(forwardBy: head.length)
        if head.status == 101 {
            beginTunnel(upstream)
        } else {
            takeBody(upstream, headIsPending: true)
        }
    }

    private var connectionField: StaticString? {
        if answerFraming == .tunnel { return "Upgrade" }
        return ClientConnection.field(keepsAlive: answerKeepsClient, isHTTP11: isHTTP11)
    }

    /// Passes on what has arrived of the body, behind the head in the loop's scratch buffer if that is still pending.
    private func takeBody(_ upstream: UpstreamConnection, headIsPending: Bool) {
        var headIsPending = headIsPending
        do {
            while upstream.unread.readableBytes > 0, !answerBody.isEnded {
                let run = try nextRun(upstream)
                guard !run.isEmpty else { break }
                upstream.unread.moveReaderIndex(forwardBy: run.before)
                bytesOut += run.counted
                if headIsPending, run.content <= LoopSettings.inlineBytes {
                    appendToScratch(upstream, run.content)
                } else {
                    if headIsPending { client.write(worker.scratch) }
                    headIsPending = false
                    writeContent(upstream, run.content)
                }
                upstream.unread.moveReaderIndex(forwardBy: run.behind)
            }
        } catch {
            if headIsPending { client.write(worker.scratch) }
            replicaFailed(upstream.place)
            cut(status: 502)
            client.process()
            return
        }
        if headIsPending { client.write(worker.scratch) }
        let now = NIODeadline.now()
        if answerBody.isEnded {
            endAnswer(on: upstream, now: now)
        } else {
            restartClock(now, upstream)
        }
    }

    /// Bytes to leave out, to pass on, and to leave out again.
    private struct AnswerRun {
        var before = 0
        var content = 0
        var behind = 0
        /// How many of those to pass on are not the framing of chunks.
        var counted = 0

        var isEmpty: Bool { before + content + behind == 0 }
    }

    private func nextRun(_ upstream: UpstreamConnection) throws -> AnswerRun {
        try upstream.unread.withUnsafeReadableBytes { bytes in
            if answerFraming == .untilClose {
                let (skip, content) = try answerBody.takeContent(bytes)
                return AnswerRun(before: skip, content: content, counted: content)
            }
            let run = try answerBody.takeRaw(bytes)
            return AnswerRun(content: run.pass, behind: run.skip, counted: run.content)
        }
    }

    private func appendToScratch(_ upstream: UpstreamConnection, _ content: Int) {
        guard content > 0 else { return }
        if answerFraming == .madeChunked {
            worker.scratch.append(capacity: 20) { $0.writeChunkSize(content) }
        }
        upstream.unread.withUnsafeReadableBytes { _ = worker.scratch.writeBytes($0.part(0..<content)) }
        upstream.unread.moveReaderIndex(forwardBy: content)
        if answerFraming == .madeChunked { worker.scratch.writeStaticString("\r\n") }
    }

    private func writeContent(_ upstream: UpstreamConnection, _ content: Int) {
        guard content > 0, let slice = upstream.unread.readSlice(length: content) else { return }
        guard answerFraming == .madeChunked else {
            client.write(slice)
            return
        }
        var size = ByteBuffer()
        size.append(capacity: 20) { $0.writeChunkSize(content) }
        client.write(size)
        client.write(slice)
        client.write(ByteBuffer(staticString: "\r\n"))
    }

    private func beginTunnel(_ upstream: UpstreamConnection) {
        phase = .tunnel(upstream)
        replicaSucceeded(upstream.place)
        client.deadline = .now() + worker.settings.tunnelTimeout
        client.write(worker.scratch)
        takeTunnel(upstream)
        client.process()
    }

    private func takeTunnel(_ upstream: UpstreamConnection) {
        if upstream.unread.readableBytes > 0 {
            client.deadline = .now() + worker.settings.tunnelTimeout
            bytesOut += upstream.unread.readableBytes
            client.write(upstream.unread)
            upstream.unread = ByteBuffer()
        }
        client.flush()
    }
}
