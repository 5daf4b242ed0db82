import NIOCore

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
    /// Whether its bytes are encrypted on their way.
    let isSecure: Bool
    /// Whether its requests are sent to the encrypted port.
    private(set) var redirects = false
    /// Keeps what the access log will say of the present request; `nil` where there is none.
    private let record: AccessRecord?
    var parser: RequestHeadParser
    /// The peer's IP address without its port.
    private(set) var peer: [UInt8] = []
    var state = State.head
    /// What happens when it has passed depends on the state; looked at by the worker's tick.
    var deadline = NIODeadline.distantFuture
    /// The number in the worker's list.
    var place: Int?
    /// Bytes that were received and not used.
    var unread = ByteBuffer()
    /// Whether the client takes what is written; the channel tells when it changes.
    private(set) var isWritable = true
    private(set) var context: ChannelHandlerContext?
    private var isProcessing = false
    private var readIsHeld = false
    /// Whether a head has begun but not ended.
    var isInHead = false
    /// What the client takes of our bytes, since it did not take all of them.
    var taking = DrainWatch()
    /// Whether the kernel has all our bytes, and the end behind them.
    var hasSentAll = false

    init(worker: Worker, isSecure: Bool) {
        self.worker = worker
        self.isSecure = isSecure
        record = worker.makeAccessRecord()
        parser = RequestHeadParser(limits: worker.settings.heads)
    }

    // MARK: Told by the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        peer = Self.address(context.channel.remoteAddress)
        if !isSecure, let redirect = worker.settings.redirect {
            redirects = redirect.applies(
                local: String(decoding: Self.address(context.channel.localAddress), as: UTF8.self),
                peer: String(decoding: peer, as: UTF8.self))
        }
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
        isWritable = context.channel.isWritable
        guard isWritable else {
            holdAnswer(.now())
            return
        }
        switch state {
        case .call(let call):
            call.restartClock(.now())
            call.resumeAnswer()
        case .fallback(let exchange): exchange.becameWritable()
        case .head: process()
        case .discarding, .lingering, .closed: break
        }
    }

    /// The client takes no more for now.
    private func holdAnswer(_ now: NIODeadline) {
        taking = DrainWatch(now: now)
        if case .call(let call) = state { call.restartClock(now) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let ended = state
        state = .closed
        unread = ByteBuffer()
        switch ended {
        case .call(let call): call.clientClosed()
        case .fallback(let exchange): exchange.clientClosed()
        case .head, .discarding, .lingering, .closed: break
        }
        worker.remove(self)
    }

    /// Whether bytes may be read. Bytes that are not needed yet wait in the kernel, so that the client is slowed down.
    private var wantsBytes: Bool {
        switch state {
        // Who does not take answers may not ask for more of them.
        case .head: isWritable
        case .discarding, .lingering: true
        case .call(let call): unread.readableBytes == 0 && call.wantsClientBytes
        case .fallback(let exchange): unread.readableBytes == 0 && exchange.wantsClientBytes
        case .closed: false
        }
    }

    // MARK: The access log

    /// A request begins, whose head is unread; `head` is `nil` when it could not be understood.
    @inline(__always)
    func logBegin(_ head: RequestHead?) {
        guard let record else { return }
        withUnread { worker.logBegin(record, head: head, bytes: $0, peer: peer, now: .now()) }
    }

    /// The request is a call.
    @inline(__always)
    func logCall(_ call: FunctionCall) {
        record?.addCall(of: call.route.nameBytes, call.callID)
    }

    /// The request has ended; of no effect when that was said before.
    @inline(__always)
    func logEnd(_ end: @autoclosure () -> AccessLog.End, now: NIODeadline) {
        guard let record, record.isOpen else { return }
        worker.logEnd(record, end(), now: now)
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

    /// An IP address without its port; IPv4 in its own form also where it came over an IPv6 socket.
    private static func address(_ address: SocketAddress?) -> [UInt8] {
        guard let text = address?.ipAddress else { return [] }
        let mapped = "::ffff:"
        let isMapped = text.hasPrefix(mapped) && text.contains(".")
        return Array((isMapped ? text.dropFirst(mapped.count) : text[...]).utf8)
    }
}
