/// How a client keeps its connection, and within which bounds.
public struct NATSConfiguration: Sendable {
    /// The server.
    public var server: NATSServer
    /// What the server's operators see of this client.
    public var name: String
    /// How long connecting, and then the greeting, may take.
    public var connectTimeout = Duration.seconds(5)
    /// How often the server is asked whether it is there.
    public var pingInterval = Duration.seconds(10)
    /// So many questions without an answer mean that the connection is dead.
    public var unansweredPings = 2
    /// The wait before the second attempt to connect; it doubles from one to the next.
    public var minimumWait = Duration.milliseconds(50)
    /// The longest wait between two attempts.
    public var maximumWait = Duration.seconds(2)
    /// The most bytes that wait to be sent; who sends more waits.
    public var unsentBytes = 8 << 20
    /// The most requests that wait for their answers.
    public var requests = 16_384

    /// Makes a configuration with the defaults above.
    public init(server: NATSServer, name: String = "faasd") {
        self.server = server
        self.name = name
    }
}
