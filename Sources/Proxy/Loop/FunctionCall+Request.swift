import NIOCore

/// The request's way from the client to the replica.
extension FunctionCall {
    func send(on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        client.deadline = .now() + route.timeout
        let head = client.parser.head
        client.withUnread { bytes in
            RequestRewriter(
                head: head, bytes: bytes, pathPrefix: route.pathPrefix, path: path, host: upstream.host,
                peer: client.peer, callID: callID, startTime: startTime
            ).write(to: &upstream.request)
        }
        client.consume(head.length)
        if awaitsContinue {
            awaitsContinue = false
            client.writeContinue()
        }
        appendBody(to: upstream)
        upstream.writeAndFlush(upstream.request)
    }

    /// Sends the first bytes of the body with the head, where they are there already.
    private func appendBody(to upstream: UpstreamConnection) {
        guard !requestBody.isEnded, client.unreadCount > 0, client.unreadCount <= LoopSettings.inlineBytes else {
            return
        }
        do {
            while true {
                let run = try client.withUnread { try requestBody.takeRaw($0) }
                guard run != BodyFraming.Run() else { return }
                client.withUnread { _ = upstream.request.writeBytes($0.part(0..<run.pass)) }
                client.consume(run.pass + run.skip)
            }
        } catch {
            // The rest of the unread bytes will be looked at again, with the same result.
        }
    }

    /// Passes on what the client has sent of the body.
    ///
    /// - Returns: whether something was used, so that there may be more to do.
    func useClientBytes() -> Bool {
        switch phase {
        case .waiting, .connecting, .ended:
            return false
        case .sent(let upstream), .answering(let upstream):
            guard !requestBody.isEnded, client.unreadCount > 0, upstream.isWritable else { return false }
            return forwardBody(to: upstream)
        case .tunnel(let upstream):
            guard client.unreadCount > 0, upstream.isWritable else { return false }
            client.deadline = .now() + worker.settings.tunnelTimeout
            upstream.writeAndFlush(client.takeUnread(client.unreadCount))
            return true
        }
    }

    private func forwardBody(to upstream: UpstreamConnection) -> Bool {
        do {
            let run = try client.withUnread { try requestBody.takeRaw($0) }
            guard run != BodyFraming.Run() else { return false }
            isRepeatable = false
            client.deadline = .now() + route.timeout
            let bytes = client.takeUnread(run.pass)
            client.consume(run.skip)
            if run.pass > 0 { upstream.writeAndFlush(bytes) }
            return true
        } catch {
            if case .sent = phase {
                fail(400, "malformed chunk in the request's body\n", closing: true)
            } else {
                cut(status: 400)
            }
            return false
        }
    }
}
