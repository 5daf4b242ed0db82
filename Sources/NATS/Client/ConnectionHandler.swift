import NIOCore

/// Turns what comes in one connection into frames, on the connection's loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: NATSClient
    private var parser = FrameParser()
    private var error: NATSError?

    init(client: NATSClient) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard error == nil else { return }
        parser.append(unwrapInboundIn(data))
        do throws(NATSError) {
            while let frame = try parser.next() { client.received(frame) }
        } catch {
            self.error = error
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = self.error ?? NATSError(.connectionLost, "\(error)")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.closed(error)
    }
}
