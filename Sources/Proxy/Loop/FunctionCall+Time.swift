import NIOCore

/// The limits in time of a call, one for each side that can be slow.
extension FunctionCall {
    /// Counts anew for whoever is waited for now. To be called whenever bytes have moved, or the turn may have changed.
    func restartClock(_ now: NIODeadline) {
        switch phase {
        case .sent(let upstream), .answering(let upstream): restartClock(now, upstream)
        case .waiting, .connecting, .tunnel, .ended: return
        }
    }

    @inline(__always)
    func restartClock(_ now: NIODeadline, _ upstream: UpstreamConnection) {
        switch turn(upstream) {
        case .clientTakes:
            client.deadline = client.taking.nextLook(now, limit: worker.settings.writeTimeout)
        case .clientSends:
            client.deadline = now + route.readTimeout
        case .replica where upstream.isWritable:
            client.deadline = now + route.upstreamTimeout
        case .replica:
            client.deadline = upstream.taking.nextLook(now, limit: route.upstreamTimeout)
        }
    }

    @inline(__always)
    private func turn(_ upstream: UpstreamConnection) -> CallTurn {
        CallTurn(
            requestIsWhole: requestBody.isEnded, replicaTakes: upstream.isWritable, clientTakes: client.isWritable)
    }

    /// The client's deadline has passed.
    func deadlinePassed(_ now: NIODeadline) {
        switch phase {
        case .waiting:
            worker.room.leave(self, for: route.name)
            fail(.waitingTimeout)
        case .connecting, .ended:
            return
        case .sent(let upstream):
            guard let limit = limitReached(upstream, now) else { return }
            if limit == .upstreamTimeout { replicaFailed(upstream.place) }
            if limit == .writeTimeout {
                resetClient(limit)
            } else {
                fail(limit, closing: limit == .readTimeout)
            }
        case .answering(let upstream):
            guard let limit = limitReached(upstream, now) else { return }
            if limit == .upstreamTimeout { replicaFailed(upstream.place) }
            if limit == .writeTimeout { resetClient(limit) } else { cut(limit) }
        case .tunnel:
            self.limit = .tunnelTimeout
            client.abort()
        }
        client.process()
    }

    /// Which limit it is, unless a closer look shows that bytes are taken, if only slowly.
    private func limitReached(_ upstream: UpstreamConnection, _ now: NIODeadline) -> Limit? {
        switch turn(upstream) {
        case .clientTakes:
            if client.takes(now) { return nil }
            return .writeTimeout
        case .clientSends:
            return .readTimeout
        case .replica:
            guard !upstream.isWritable, upstream.takes(now, limit: route.upstreamTimeout) else {
                return .upstreamTimeout
            }
            client.deadline = upstream.taking.nextLook(now, limit: route.upstreamTimeout)
            return nil
        }
    }

    /// There is no answer for a client that takes none.
    private func resetClient(_ limit: Limit) {
        self.limit = limit
        client.reset()
    }
}
