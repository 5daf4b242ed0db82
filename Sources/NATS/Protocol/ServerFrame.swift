/// What a server sends (docs "NATS protocol").
enum ServerFrame: Sendable, Equatable {
    case info(ServerInfo)
    case message(NATSMessage, subscription: Int)
    case ping
    case pong
    case ok
    case error(String)
}
