import Glibc

/// One client connection: requests come in one after the other, each is answered before the next is looked at.
///
/// All descriptors are edge-triggered. Whatever happens sets a mark and calls `pump`, which moves bytes in both
/// directions until nothing more can be moved; so back-pressure needs no code of its own. The parts are in the
/// extensions: heads (`+Request`), bodies (`+Body`), answers (`+Answer`).
final class Connection: EventHandler, TimerOwner, Resumable {
    enum Phase {
        /// Waiting for a request, or for the rest of its head.
        case head
        /// A request is read and answered.
        case exchange
        /// All is said; waiting for the client to close.
        case linger
        case closed
    }

    /// Not counted: the server holds its connections, and outlives them.
    unowned(unsafe) let server: Server
    let role: Listener.Role
    let descriptor: Int32
    var phase = Phase.head
    var canReceive = true
    var canSend = true
    /// The client has closed its sending side. As in Go's server it counts as gone then: its calls are ended.
    var isPeerClosed = false
    /// Received and not yet used; nil while idle.
    var input: Buffer?
    /// To be sent; nil while there is nothing.
    var output: Buffer?
    var scanner = HeadScanner()
    var exchange = Exchange()
    var call: (any Call)?
    /// Parts of the body that the function has not taken.
    var backlog: Spool?
    /// When it last began to wait for a request.
    var idleSince: Instant
    /// Time for the client: to send a request, or to close.
    lazy var clientTimer = LoopTimer(owner: self)
    /// `write_timeout`.
    lazy var writeTimer = LoopTimer(owner: self)
    /// `exec_timeout` of a call that has no process of its own.
    lazy var callTimer = LoopTimer(owner: self)

    init(_ descriptor: Int32, role: Listener.Role, server: Server) {
        self.role = role
        self.descriptor = descriptor
        self.server = server
        idleSince = server.loop.now
        server.loop.watch(descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered], self)
        server.loop.arm(clientTimer, after: server.configuration.readTimeout ?? Limits.idle)
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hungUp, .failed]) { canReceive = true }
        if !readiness.isDisjoint(with: [.writable, .hungUp, .failed]) { canSend = true }
        if !readiness.isDisjoint(with: [.peerClosed, .hungUp, .failed]) {
            isPeerClosed = true
            if call != nil {
                server.log.line("client disconnected: call ended")
                return close()
            }
        }
        pump()
    }

    func resume() {
        pump()
    }

    /// Moves what can be moved; goes on in the next turn when there is much.
    func pump() {
        for _ in 0..<Limits.movesPerTurn {
            guard move() else { return }
        }
        server.loop.resumeLater(self)
    }

    /// - Returns: whether anything has changed, so that more may be possible.
    private func move() -> Bool {
        switch phase {
        case .head: return advanceHead()
        case .linger: return discardRest()
        case .closed: return false
        case .exchange:
            let hasMovedBody = moveBody()
            guard phase == .exchange else { return true }
            let hasMovedAnswer = moveAnswer()
            guard phase == .exchange else { return true }
            return settle() || hasMovedBody || hasMovedAnswer
        }
    }

    func timerFired(_ timer: LoopTimer) {
        if timer === writeTimer { return writeTimeOver() }
        if timer === callTimer {
            call?.timeOver()
            return
        }
        switch phase {
        case .head: headTimeOver()
        case .exchange: bodyTimeOver()
        case .linger, .closed: close()
        }
    }

    // MARK: - Ends

    /// Closes the connection once the client has had the answer: closing with unread input would make the kernel send
    /// a reset, which can overtake the answer.
    func linger() {
        guard !isPeerClosed else { return close() }
        phase = .linger
        endCount()
        server.loop.rest(writeTimer)
        server.loop.arm(clientTimer, after: Limits.linger)
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes with a reset, so that even a client which takes the end of the connection for the end of the answer sees
    /// that it was broken off.
    func reset() {
        var option = Glibc.linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        endCall()
        releaseHeld()
        endCount()
        server.loop.disarm(clientTimer)
        server.loop.disarm(writeTimer)
        server.loop.disarm(callTimer)
        releaseInput()
        releaseOutput()
        server.loop.closeDescriptor(descriptor)
        server.closed(self)
    }

    /// Whether it waits for a request of which nothing has come.
    var isIdle: Bool { phase == .head && input?.isEmpty ?? true }

    /// Whether something has come that was not read yet: a request, when it is idle.
    var hasUnread: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    func endCall() {
        call?.detach()
        call = nil
        backlog = nil
    }

    private func discardRest() -> Bool {
        guard receiveMore() else { return false }
        input?.clear()
        return true
    }

    // MARK: - Buffers

    /// Reads behind what the input buffer holds.
    func receive() -> Transfer {
        let buffer = input ?? server.pool.take()
        input = buffer
        if buffer.free == 0 { buffer.compact() }
        let outcome = buffer.fill { Descriptors.receive(socket: descriptor, into: $0) }
        // Less than there was room for is all there is; more of it is a new event.
        if outcome == .blocked || buffer.free > 0 && !isPeerClosed { canReceive = false }
        return outcome
    }

    func outputBuffer() -> Buffer {
        if let output { return output }
        let buffer = server.pool.take()
        output = buffer
        return buffer
    }

    func releaseInput() {
        if let input { server.pool.giveBack(input) }
        input = nil
    }

    func releaseOutput() {
        if let output { server.pool.giveBack(output) }
        output = nil
    }
}
