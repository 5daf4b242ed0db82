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

    /// Gives the connection away, or closes it, if there is nothing to answer.
    func closeIfUnused() {
        guard case .head = state, unread.readableBytes == 0 else { return }
        // What an encrypted one needs besides its socket ends with this process.
        if let keeper = worker.keeper, !isSecure {
            // What the kernel has not taken yet would be lost. The worker's tick looks again.
            guard hasNothingToSend else { return }
            if handOver(to: keeper) { return }
        }
        closeAfterFlush()
    }

    private var hasNothingToSend: Bool {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) == 0
    }

    /// Has another process go on with the connection. It is closed here without a word to the client.
    private func handOver(to keeper: any ConnectionKeeper) -> Bool {
        guard let context else { return false }
        let isKept = try? context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { keeper.keep($0) }
        guard isKept == true else { return false }
        context.close(promise: nil)
        return true
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
