import NIOCore
import NIOPosix

/// A connection to a replica: carries one call at a time, or none.
final class UpstreamConnection: ChannelDuplexHandler, Equatable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The replica's place in the pool.
    let place: Int
    let endpoint: ReplicaEndpoint
    /// The value of `Host` for it.
    let host: [UInt8]
    /// The head of the request, and what was sent with it: kept until the answer begins, to be sent again
    /// where that is allowed.
    var request = ByteBuffer()
    /// Bytes of the answer that were not passed on yet.
    var unread = ByteBuffer()
    var parser: ResponseHeadParser
    /// Whether it has carried a call before this one.
    private(set) var isReused = false
    /// Whether the replica takes what is written; the channel tells when it changes.
    private(set) var isWritable = true
    /// What the replica takes of our bytes, since it did not take all of them.
    private(set) var taking = DrainWatch()
    private let worker: Worker
    private var call: FunctionCall?
    private var context: ChannelHandlerContext?
    private var error: (any Error)?
    private var readIsHeld = false
    /// The last bytes are on their way, and what the replica sends is of no use any more.
    private var isClosing = false

    init(worker: Worker, place: Int, endpoint: ReplicaEndpoint) {
        self.worker = worker
        self.place = place
        self.endpoint = endpoint
        parser = ResponseHeadParser(limits: worker.settings.heads)
        host =
            switch endpoint.address {
            case .tcp(let host, let port): Array("\(host):\(port)".utf8)
            case .unix: Array("localhost".utf8)
            }
    }

    static func == (left: UpstreamConnection, right: UpstreamConnection) -> Bool { left === right }

    /// Opens the connection, on the loop that serves the client.
    func open(to endpoint: ReplicaEndpoint) -> EventLoopFuture<Void> {
        let loop = worker.eventLoop
        let handler = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(worker.settings.connectTimeout)
            .channelOption(.recvAllocator, value: LoopSettings.receive)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.writeBufferWaterMark, value: LoopSettings.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        do {
            switch endpoint.address {
            case .tcp(let host, let port):
                return bootstrap.connect(to: try SocketAddress(ipAddress: host, port: port)).map { _ in }
            case .unix(let path):
                let file = try SocketFile(path)
                return bootstrap.connect(to: try SocketAddress(unixDomainSocketPath: file.path)).map { _ in }
                    .always { _ in file.release() }
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    // MARK: Used by the call

    var isOpen: Bool { context != nil }

    func begin(_ call: FunctionCall) {
        self.call = call
        // The memory is used again, unless an unusually large head would be kept for long.
        if request.capacity > LoopSettings.inlineBytes { request = ByteBuffer() } else { request.clear() }
        parser.reset()
    }

    func writeAndFlush(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Reads on, if reading was held back and the client takes bytes again.
    func resumeReading() {
        guard readIsHeld, let context else { return }
        readIsHeld = false
        context.read()
    }

    /// The call is over, and the connection is fit for another.
    func release(now: NIODeadline) {
        call = nil
        isReused = true
        unread = ByteBuffer()
        switch worker.pool.park(self, at: place, now: now) {
        case .kept: worker.startTicking()
        case .refused: close()
        case .keptInstead(let other): other.close()
        }
        resumeReading()
    }

    /// The call is over, and so is the connection.
    func close() {
        call = nil
        context?.close(promise: nil)
    }

    /// The same, once everything written has been sent.
    func closeAfterFlush() {
        call = nil
        isClosing = true
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.close() }
    }

    // MARK: Told by the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let call else {
            // A replica that speaks without being asked would be understood as answering the next call.
            if !isClosing { context.close(promise: nil) }
            return
        }
        var bytes = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        call.answerArrived(on: self)
        // Lets the channel use the memory again.
        if unread.readableBytes == 0 { unread = ByteBuffer() }
    }

    func read(context: ChannelHandlerContext) {
        if let call, !call.client.isWritable {
            readIsHeld = true
        } else {
            context.read()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        call?.client.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        let now = NIODeadline.now()
        if !isWritable { taking = DrainWatch(now: now) }
        call?.restartClock(now)
        if isWritable { call?.client.process() }
    }

    /// Looks whether the replica has taken something within the limit.
    func takes(_ now: NIODeadline, limit: TimeAmount) -> Bool {
        guard let context else { return false }
        return taking.look(context.channel.sentMark(), now: now, limit: limit)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        if let call {
            self.call = nil
            call.upstreamClosed(self, cleanly: error == nil)
        } else {
            worker.pool.remove(self, at: place)
        }
    }
}
