import NIOCore

/// Stands before what encrypts, to close a connection without its farewell: a client that sees no close_notify knows that
/// the answer is not whole (RFC 8446 §6.1).
final class HardClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Asks for it.
    struct Event: Sendable {}

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        if event is Event {
            context.close(promise: promise)
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }
}

extension ClientConnection {
    /// Closes without a word more, also where it is encrypted.
    func closeHard() {
        guard let context else { return }
        if isSecure {
            context.triggerUserOutboundEvent(HardClose.Event(), promise: nil)
        } else {
            context.close(promise: nil)
        }
    }

    /// Sends the client to the encrypted port.
    func redirect() {
        let head = parser.head
        let location = unread.withUnsafeReadableBytes { bytes -> String? in
            guard let host = head.authority ?? head.host else { return nil }
            let target = String(decoding: bytes.part(head.target), as: UTF8.self)
            return worker.settings.redirect?.location(
                host: String(decoding: bytes.part(host), as: UTF8.self), target: target)
        }
        consume(head.length)
        var answer = TextAnswer(
            status: 308, text: "this port is for this machine only; use \(location ?? "HTTPS")\n", isInternal: true)
        if let location { answer.location = location } else { answer.status = 400 }
        // What follows would come in the clear, too.
        self.answer(
            answer, method: head.method, isHTTP11: head.isHTTP11, keepsAlive: false, rest: head.body, facts: nil)
    }
}
