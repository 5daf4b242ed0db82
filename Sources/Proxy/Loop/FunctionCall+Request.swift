import NIOCore

/// The request's way from the client to the replica.
extension FunctionCall {
    func send(on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        let head = client.parser.head
        client.withUnread { bytes in
            RequestRewriter(
                head: head, bytes: bytes, pathPrefix: route.pathPrefix, path: path, host: upstream.host,
                peer: client.peer, isSecure: client.isSecure, callID: callID, startTime: startTime
            ).write(to: &upstream.request)
        }
        client.consume(head.length)
        if awaitsContinue {
            awaitsContinue = false
            client.writeContinue()
        }
        guard appendBody(to: upstream) else {
            // Where the body ends is not known: what was taken of it is not put back.
            fail(.bodyBytes, closing: true)
            return
        }
        upstream.writeAndFlush(upstream.request)
        restartClock(.now(), upstream)
    }

    /// Sends the first bytes of the body with the head, where they are there already.
    ///
    /// - Returns: false when the body is too long.
    private func appendBody(to upstream: UpstreamConnection) -> Bool {
        guard !requestBody.isEnded, client.unreadCount > 0, client.unreadCount <= LoopSettings.inlineBytes else {
            return true
        }
        do {
            while true {
                let run = try client.withUnread { try requestBody.takeRaw($0) }
                guard run != BodyFraming.Run() else { return true }
                bytesIn += run.content
                guard bytesIn <= worker.settings.maxBodyBytes else { return false }
                client.withUnread { _ = upstream.request.writeBytes($0.part(0..<run.pass)) }
                client.consume(run.pass + run.skip)
            }
        } catch {
            // The rest of the unread bytes will be looked at again, with the same result.
            return true
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
            bytesIn += client.unreadCount
            upstream.writeAndFlush(client.takeUnread(client.unreadCount))
            return true
        }
    }

    private func forwardBody(to upstream: UpstreamConnection) -> Bool {
        do {
            let run = try client.withUnread { try requestBody.takeRaw($0) }
            guard run != BodyFraming.Run() else { return false }
            isRepeatable = false
            bytesIn += run.content
            guard bytesIn <= worker.settings.maxBodyBytes else {
                failOrCut(.bodyBytes)
                return false
            }
            let bytes = client.takeUnread(run.pass)
            client.consume(run.skip)
            if run.pass > 0 { upstream.writeAndFlush(bytes) }
            restartClock(.now())
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
