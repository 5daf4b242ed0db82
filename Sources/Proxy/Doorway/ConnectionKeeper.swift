/// Keeps clients' connections open while the proxy is replaced by the next one.
public protocol ConnectionKeeper: Sendable {
    /// Takes a connection that is between two requests. The proxy closes its own descriptor afterwards and reads nothing
    /// more of it, so that a request which has just come waits in the kernel for whoever has the connection next.
    ///
    /// Called on event loops while the proxy shuts down, so it must not wait for long.
    ///
    /// - Parameter descriptor: the socket; whoever keeps it needs a descriptor of their own.
    /// - Returns: whether it is kept; if not, the proxy ends the connection as usual.
    func keep(_ descriptor: CInt) -> Bool
}
