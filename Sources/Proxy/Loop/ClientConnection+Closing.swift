import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// All the ways in which a client's connection can end.
extension ClientConnection {
    /// Ends the sending side once everything written is sent, and waits a little for the client to close.
    func closeAfterFlush() {
        switch state {
        case .closed, .lingering: return
        case .head, .call, .fallback, .discarding: break
        }
        guard let context else { return }
        state = .lingering
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.flush()
        watchTaking(.now())
        context.close(mode: .output).whenComplete { _ in
            bound.value.hasSentAll = true
            bound.value.deadline = .now() + LoopSettings.lingerTime
        }
        resume()
    }

    /// Closes the connection if there is nothing to answer.
    func closeIfUnused() {
        if case .head = state, unread.readableBytes == 0 { closeAfterFlush() }
    }

    /// Closes at once.
    func abort() {
        closeHard()
    }

    /// Closes at once, in a way that the client cannot take for a regular end.
    func reset() {
        guard let context else { return }
        // Without lingering the kernel sends RST in place of FIN. If that cannot be set, closing must do.
        if let provider = context.channel as? any SocketOptionProvider {
            _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        closeHard()
    }

    /// Counts from now how long the client takes nothing of what we have for it.
    func watchTaking(_ now: NIODeadline) {
        taking = DrainWatch(now: now)
        deadline = taking.nextLook(now, limit: worker.settings.writeTimeout)
    }

    /// Looks whether the client has taken something within the write limit; if so, it will be looked at again.
    func takes(_ now: NIODeadline) -> Bool {
        guard let context else { return false }
        let limit = worker.settings.writeTimeout
        guard taking.look(context.channel.sentMark(), now: now, limit: limit) else { return false }
        deadline = taking.nextLook(now, limit: limit)
        return true
    }

    /// ``deadline`` has passed.
    func deadlinePassed(_ now: NIODeadline) {
        switch state {
        case .head:
            if isInHead {
                logBegin(nil)
                self.answer(
                    worker.settings.answer(.headTimeout), method: .other, isHTTP11: true, keepsAlive: false,
                    rest: .length(0), facts: nil)
            } else {
                closeAfterFlush()
            }
        case .call(let call): call.deadlinePassed(now)
        case .fallback(let exchange): exchange.deadlinePassed(now)
        case .discarding: closeAfterFlush()
        case .lingering:
            if hasSentAll {
                abort()
            } else if !takes(now) {
                reset()
            }
        case .closed: break
        }
    }
}
