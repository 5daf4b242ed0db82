import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A client's connection: takes one request at a time, and hands it to a function's replica or to the fallback.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Between two requests, or in the head of one.
        case head
        case call(FunctionCall)
        case fallback(FallbackExchange)
        /// Answered; the rest of the request's body is dropped. At most so many bytes more.
        case discarding(BodyFraming, budget: Int)
        /// The last byte is on its way; whatever comes is dropped until the client closes.
        case lingering
        case closed
    }

    let worker: Worker
    private(set) var parser: RequestHeadParser
    /// The peer's IP address without its port.
    private(set) var peer: [UInt8] = []
    private(set) var state = State.head
    /// What happens when it has passed depends on the state; looked at by the worker's tick.
    var deadline = NIODeadline.distantFuture
    /// The number in the worker's list.
    var place: Int?
    /// Bytes that were received and not used.
    private var unread = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isProcessing = false
    private var readIsHeld = false
    /// Whether a head has begun but not ended.
    private var isInHead = false

    init(worker: Worker) {
        self.worker = worker
        parser = RequestHeadParser(limits: worker.settings.heads)
    }

    // MARK: Told by the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        peer = Self.address(of: context.channel)
        deadline = .now() + worker.settings.idleTimeout
        if !worker.add(self) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        process()
    }

    func read(context: ChannelHandlerContext) {
        if wantsBytes {
            context.read()
        } else {
            readIsHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        switch state {
        case .call(let call): call.resumeAnswer()
        case .fallback(let exchange): exchange.becameWritable()
        case .head, .discarding, .lingering, .closed: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let ended = state
        state = .closed
        unread = ByteBuffer()
        worker.remove(self)
        switch ended {
        case .call(let call): call.clientClosed()
        case .fallback(let exchange): exchange.clientClosed()
        case .head, .discarding, .lingering, .closed: break
        }
    }

    /// Whether bytes may be read. Bytes that are not needed yet wait in the kernel, so that the client is slowed down.
    private var wantsBytes: Bool {
        switch state {
        case .head, .discarding, .lingering: true
        case .call(let call): unread.readableBytes == 0 && call.wantsClientBytes
        case .fallback(let exchange): unread.readableBytes == 0 && exchange.wantsClientBytes
        case .closed: false
        }
    }

    // MARK: Unread bytes, used by whoever answers

    var unreadCount: Int { unread.readableBytes }

    @inline(__always)
    func withUnread<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try unread.withUnsafeReadableBytes(body)
    }

    /// Takes bytes out to be passed on.
    func takeUnread(_ count: Int) -> ByteBuffer {
        unread.readSlice(length: count) ?? ByteBuffer()
    }

    /// Drops bytes that were used.
    func consume(_ count: Int) {
        unread.moveReaderIndex(forwardBy: min(count, unread.readableBytes))
    }

    /// Uses unread bytes as far as that is possible, and reads on if it is wanted.
    func process() {
        // An answer given while a request is processed leads back to here; the loop below goes on with what follows.
        guard !isProcessing else { return }
        isProcessing = true
        while step() {}
        isProcessing = false
        // Lets the channel use the memory again.
        if unread.readableBytes == 0 { unread = ByteBuffer() }
        resume()
    }

    /// Reads on, if reading was held back and bytes are wanted again.
    func resume() {
        if readIsHeld, wantsBytes, let context {
            readIsHeld = false
            context.read()
        }
    }

    /// Uses some unread bytes.
    ///
    /// - Returns: whether there may be more to do.
    private func step() -> Bool {
        switch state {
        case .head:
            return takeHead()
        case .call(let call):
            return call.useClientBytes()
        case .fallback(let exchange):
            return exchange.useClientBytes()
        case .discarding(let body, let budget):
            return discard(body, budget)
        case .lingering, .closed:
            unread.clear()
            return false
        }
    }

    // MARK: Requests

    private func takeHead() -> Bool {
        guard unread.readableBytes > 0 else { return false }
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
        let answer = TextAnswer(status: fault.status, text: "\(fault.text)\n")
        self.answer(answer, method: .other, isHTTP11: true, keepsAlive: false, rest: .length(0), facts: nil)
    }

    private func discard(_ body: BodyFraming, _ budget: Int) -> Bool {
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

    // MARK: Answers

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    func writeContinue() {
        context?.writeAndFlush(
            wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Gives an answer of our own, and ends the exchange.
    func answer(
        _ answer: TextAnswer, method: RequestMethod, isHTTP11: Bool, keepsAlive: Bool, rest: BodyFraming,
        facts: AnswerFacts?
    ) {
        let keepsAlive = keepsAlive && !worker.isShuttingDown && mayDiscard(rest)
        _ = worker.clock.now()
        worker.scratch.clear()
        answer.write(
            to: &worker.scratch, withBody: method != .head,
            connection: Self.field(keepsAlive: keepsAlive, isHTTP11: isHTTP11), date: worker.clock.date, facts: facts)
        write(worker.scratch)
        flush()
        exchangeEnded(keepsAlive: keepsAlive, rest: rest, now: .now())
    }

    /// What `Connection` must say.
    static func field(keepsAlive: Bool, isHTTP11: Bool) -> StaticString? {
        switch (keepsAlive, isHTTP11) {
        case (true, true): nil
        case (true, false): "keep-alive"
        case (false, _): "close"
        }
    }

    /// Whether the rest of a request's body is small enough to be dropped, or may be.
    private func mayDiscard(_ rest: BodyFraming) -> Bool {
        guard case .length(let length) = rest else { return true }
        return length <= worker.settings.discardedBodyBytes
    }

    /// An answer was written and flushed.
    ///
    /// - Parameters:
    ///   - keepsAlive: whether the client was told that its connection stays open.
    ///   - rest: what of the request's body was not read.
    func exchangeEnded(keepsAlive: Bool, rest: BodyFraming, now: NIODeadline) {
        if case .closed = state { return }
        guard keepsAlive, mayDiscard(rest) else {
            closeAfterFlush()
            return
        }
        if rest.isEnded {
            becomeIdle(now)
        } else {
            state = .discarding(rest, budget: worker.settings.discardedBodyBytes)
            deadline = now + worker.settings.headTimeout
        }
        process()
    }

    private func becomeIdle(_ now: NIODeadline) {
        if worker.isShuttingDown {
            closeAfterFlush()
            return
        }
        state = .head
        deadline = now + worker.settings.idleTimeout
        parser.reset()
    }

    // MARK: Closing

    /// Ends the sending side once everything written is sent, and waits a little for the client to close.
    func closeAfterFlush() {
        switch state {
        case .closed, .lingering: return
        case .head, .call, .fallback, .discarding: break
        }
        guard let context else { return }
        state = .lingering
        deadline = .now() + worker.settings.callTimeout
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.flush()
        context.close(mode: .output).whenComplete { _ in
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
        context?.close(promise: nil)
    }

    /// Closes at once, in a way that the client cannot take for a regular end.
    func reset() {
        guard let context else { return }
        // Without lingering the kernel sends RST in place of FIN. If that cannot be set, closing must do.
        if let provider = context.channel as? any SocketOptionProvider {
            _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }

    /// ``deadline`` has passed.
    func deadlinePassed(_ now: NIODeadline) {
        switch state {
        case .head:
            if isInHead {
                let answer = TextAnswer(status: 408, text: "the request's head did not arrive in time\n")
                self.answer(
                    answer, method: .other, isHTTP11: true, keepsAlive: false, rest: .length(0), facts: nil)
            } else {
                closeAfterFlush()
            }
        case .call(let call): call.deadlinePassed()
        case .fallback(let exchange): exchange.deadlinePassed()
        case .discarding: closeAfterFlush()
        case .lingering: abort()
        case .closed: break
        }
    }

    /// The peer's IP address without its port; IPv4 in its own form also where it came over an IPv6 socket.
    private static func address(of channel: any Channel) -> [UInt8] {
        guard let text = channel.remoteAddress?.ipAddress else { return [] }
        let mapped = "::ffff:"
        let isMapped = text.hasPrefix(mapped) && text.contains(".")
        return Array((isMapped ? text.dropFirst(mapped.count) : text[...]).utf8)
    }
}
