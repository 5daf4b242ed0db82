import Foundation

/// What a server says of itself in `INFO` (docs "NATS protocol").
struct ServerInfo: Sendable, Equatable, Decodable {
    var version: String
    var maxPayload: Int
    var headers: Bool?
    var tlsRequired: Bool?
    var jetstream: Bool?

    enum CodingKeys: String, CodingKey {
        case version, headers, jetstream
        case maxPayload = "max_payload"
        case tlsRequired = "tls_required"
    }

    static func read(_ json: [UInt8]) throws(NATSError) -> ServerInfo {
        do {
            return try JSONDecoder().decode(ServerInfo.self, from: Data(json))
        } catch {
            throw .violation("an INFO that cannot be read")
        }
    }
}

/// What we say of ourselves in `CONNECT`.
struct ClientInfo: Encodable {
    var name: String
    var user: String?
    var pass: String?
    var authToken: String?
    var verbose = false
    var pedantic = false
    var headers = true
    var noResponders = true
    var echo = true
    var lang = "swift"
    var version = "1"
    var `protocol` = 1

    enum CodingKeys: String, CodingKey {
        case name, user, pass, verbose, pedantic, headers, echo, lang, version, `protocol`
        case authToken = "auth_token"
        case noResponders = "no_responders"
    }

    init(_ configuration: NATSConfiguration) {
        name = configuration.name
        switch configuration.server.credentials {
        case .none: break
        case .user(let user, let password): (self.user, pass) = (user, password)
        case .token(let token): authToken = token
        }
    }

    func json() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }
}
