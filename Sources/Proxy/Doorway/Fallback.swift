/// Answers every request that is not a function call: the control plane.
public protocol Fallback: Sendable {
    /// Answers one request.
    ///
    /// Runs in a task of its own which belongs to the connection: it is cancelled when the client goes away.
    /// Returning without having written a head makes the proxy answer 500; returning after a head but before
    /// ``FallbackWriter/finish()`` cuts the connection, so that the client sees that the answer is not whole.
    ///
    /// - Parameters:
    ///   - request: the head as text, and the body as a stream.
    ///   - writer: takes the answer.
    func respond(to request: FallbackRequest, writer: FallbackWriter) async
}

/// A request for the control plane. Connection management and framing are the proxy's affair:
/// `Connection`, `Keep-Alive`, `Transfer-Encoding` and the like are kept in ``headers`` as sent, and may be ignored.
public struct FallbackRequest: Sendable {
    /// The method as sent, such as `GET`.
    public let method: String
    /// Path and query in raw form, not decoded; begins with `/`, or is `*`.
    public let target: String
    /// Every field in the order sent. Bytes that are not UTF-8 are replaced by U+FFFD.
    public let headers: [(name: String, value: String)]
    /// The body. It must be read by one reader only, or not at all.
    public let body: FallbackBody
    /// The address of the peer without its port; `nil` for a peer without an IP address.
    public let remoteAddress: String?

    init(
        method: String, target: String, headers: [(name: String, value: String)], body: FallbackBody,
        remoteAddress: String?
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }
}
