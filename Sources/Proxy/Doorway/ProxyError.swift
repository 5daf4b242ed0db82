/// Why the proxy could not do what it was asked.
public struct ProxyError: Error, Sendable, CustomStringConvertible {
    /// The closed set of reasons.
    public enum Code: Sendable, Hashable {
        /// Another process listens on the address.
        case addressInUse
        /// The process may not listen on the address.
        case permissionDenied
        /// Listening failed for another reason.
        case listenFailed
        /// The server was started twice, or after its shutdown.
        case wrongState
        /// The client is gone, so nothing more can be read from or written to it.
        case connectionClosed
        /// Where a replica's Unix socket should be there is none.
        case notASocket
        /// A fallback used its writer against its contract.
        case writerMisused
        /// The access log's file cannot be opened.
        case accessLogUnusable
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was wrong and what to do.
    public let message: String
    /// What the machine said, where it said something.
    public let cause: (any Error)?

    /// `message`, with the cause in brackets.
    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
