import Foundation

/// Where a NATS server is, and who we are to it. Its text has no secret.
public struct NATSServer: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// What a client shows to be let in.
    enum Credentials: Sendable, Equatable {
        case none
        case user(String, password: String)
        case token(String)
    }

    /// The port that a URL without one means.
    public static let defaultPort = 4222

    /// The host's name or address.
    public let host: String
    /// The port.
    public let port: Int
    let credentials: Credentials

    /// Takes `nats://HOST[:PORT]` apart, with `USER:PASSWORD@` or `TOKEN@` before the host, where special characters are
    /// written as `%XX`.
    ///
    /// - Throws: ``NATSError`` with code `badURL`; the message does not repeat the URL, which may hold a password.
    public init(url: String) throws {
        func bad(_ reason: String) -> NATSError {
            NATSError(.badURL, "\(reason); a NATS server's URL is nats://[USER:PASSWORD@]HOST[:PORT]")
        }
        guard let parts = URLComponents(string: url) else { throw bad("it is no URL") }
        guard parts.scheme != "tls" else { throw bad("TLS is not supported, use a tunnel or a leaf node") }
        guard parts.scheme == "nats" else { throw bad("it does not begin with nats://") }
        guard var host = parts.host, !host.isEmpty else { throw bad("the host is missing") }
        guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil else {
            throw bad("there is something behind the host")
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port = parts.port ?? Self.defaultPort
        guard (1...65535).contains(port) else { throw bad("the port is not 1 to 65535") }
        self.host = host
        self.port = port
        credentials =
            switch (parts.user, parts.password) {
            case (let user?, let password?): .user(user, password: password)
            case (let token?, nil): .token(token)
            default: .none
            }
    }

    /// `nats://HOST:PORT`, without what lets us in.
    public var description: String { "nats://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// The same, so that a dump of whatever holds it shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
