/// Limits on whatever comes from outside.
///
/// Counts of calls and connections are for the whole proxy. Each event loop has an equal share, so a loop may reach its
/// share while another has room left. Times are checked ten times a second, so they may be exceeded by a tenth of a second.
public struct ProxyLimits: Sendable {
    /// The longest request target, in bytes; a longer one is answered 414.
    public var targetBytes = 16 * 1024
    /// The longest head, in bytes; a longer one is answered 431 (a replica's: 502).
    public var headBytes = 64 * 1024
    /// The most fields in a head; more are answered 431 (a replica's: 502).
    public var headFields = 128
    /// How long a client may take to send a head once it has begun; then 408.
    public var headTimeout = Duration.seconds(10)
    /// How long a client's connection may be unused between two requests.
    public var idleTimeout = Duration.seconds(75)
    /// How long a replica may be silent, before its head (504) and between two pieces of its body (cut);
    /// also how long a client may take between two pieces of a request's body (408).
    public var callTimeout = Duration.seconds(60)
    /// How long a tunnel (WebSocket) may be silent both ways.
    public var tunnelTimeout = Duration.seconds(3600)
    /// How long a new connection to a replica may take.
    public var connectTimeout = Duration.seconds(2)
    /// The most replicas that are tried for one call when connections are refused.
    public var connectAttempts = 3
    /// The most calls that may wait for functions without a ready replica; more are answered 503.
    public var waitingCalls = 1024
    /// The same for one function.
    public var waitingCallsPerFunction = 256
    /// How long a call may wait for a replica; then 503.
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
