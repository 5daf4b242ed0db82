/// Limits on whatever comes from outside.
///
/// Counts of calls and connections are for the whole proxy. Each event loop has an equal share, so a loop may reach its
/// share while another has room left. Times are checked ten times a second, so they may be exceeded by a tenth of a second.
public struct ProxyLimits: Sendable {
    /// The longest request target, in bytes; a longer one is answered 414 (`target-bytes`).
    public var targetBytes = 16 * 1024
    /// The longest head, in bytes; a longer one is answered 431 (`head-bytes`; a replica's: 502).
    public var headBytes = 64 * 1024
    /// The most fields in a head; more are answered 431 (`head-fields`; a replica's: 502).
    public var headFields = 128
    /// How long a client may take to send a head once it has begun, however it is cut into pieces; then 408
    /// (`head-timeout`).
    public var headTimeout = Duration.seconds(10)
    /// How long a client's connection may be unused between two requests.
    public var idleTimeout = Duration.seconds(75)
    /// The longest body of a function call's request, in bytes, without the framing of chunks; a longer one is answered
    /// 413 (`body-bytes`), or cut where the answer has begun. `nil` is no limit. A length that is announced and too
    /// long is refused before a replica sees anything.
    public var maxBodyBytes: Int?
    /// How long a client may be silent in a request's body; then 408 (`read-timeout`), or cut where the answer has
    /// begun. It counts only while the replica would take more: a client is not blamed for a replica that is slow to
    /// take the body. A longer ``Route/timeout`` counts in its place.
    public var readTimeout = Duration.seconds(60)
    /// For how long a client may take no byte of the answer; then its connection is reset (`write-timeout`, which only the
    /// access log can tell). A slow client that takes bytes all the time is not meant; whether it does is looked at
    /// eight times within the limit.
    public var writeTimeout = Duration.seconds(60)
    /// How long a replica may be silent, before its head (504, `upstream-timeout`) and between two pieces of its body
    /// (cut). It does not count while the client is what is slow: neither while the request's body is not whole and the
    /// replica would take more of it, nor while the client does not take the answer. A ``Route/timeout`` counts in its place.
    public var upstreamTimeout = Duration.seconds(60)
    /// How long a tunnel (WebSocket) may be silent both ways.
    public var tunnelTimeout = Duration.seconds(3600)
    /// How long a new connection to a replica may take. When no other replica answers: 502 (`connect-timeout`).
    public var connectTimeout = Duration.seconds(2)
    /// The most replicas that are tried for one call when connections are refused, or closed before an answer.
    public var connectAttempts = 3
    /// After how many failures in a row a replica is left out for 1 s, then 2 s, 4 s, up to 30 s, as long as there is
    /// another that is not; 0 is never. A failure is a connection that is refused, takes too long or is closed before an
    /// answer, an answer that is not HTTP, and silence for ``upstreamTimeout``; never a status that the function
    /// answered. One success sets both counts back. Each event loop counts for itself.
    public var ejectAfterFailures = 5
    /// The most calls that may wait for functions without a ready replica; more are answered 503
    /// (`waiting-calls`).
    public var waitingCalls = 1024
    /// The same for one function.
    public var waitingCallsPerFunction = 256
    /// How long a call may wait for a replica; then 503 (`waiting-timeout`).
    public var waitingTimeout = Duration.seconds(30)
    /// The most unused connections to replicas that are kept.
    public var idleUpstreamConnections = 256
    /// How long an unused connection to a replica is kept.
    public var idleUpstreamTimeout = Duration.seconds(30)
    /// The most connections of clients; more are closed at once.
    public var clientConnections = 16 * 1024
    /// The most bytes of a request's body that are read and dropped after an answer that did not want them,
    /// to keep the connection; more close it.
    public var discardedBodyBytes = 256 * 1024

    /// The defaults above.
    public init() {}
}
