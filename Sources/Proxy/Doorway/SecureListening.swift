public import NIOCore

/// Encrypts connections: the proxy knows nothing of TLS but where it stands in the way of the bytes.
public protocol ConnectionSecurity: Sendable {
    /// Makes what turns the bytes of one connection into those of the request, and back. Called on the connection's
    /// event loop.
    func makeHandler() throws -> any ChannelHandler
}

/// Addresses with encrypted connections.
public struct SecureListening: Sendable {
    /// The addresses; they are bound after the plain ones.
    public var listen: [ListenAddress]
    /// What encrypts.
    public var security: any ConnectionSecurity

    /// Makes a value.
    public init(listen: [ListenAddress], security: any ConnectionSecurity) {
        self.listen = listen
        self.security = security
    }
}

/// Sends clients that came without encryption to the encrypted port, with 308 so that method and body stay.
///
/// Those of this machine are served as they are: commands, a reverse proxy, the daemon's own calls, and functions.
public struct PlainRedirect: Sendable, Hashable {
    /// The encrypted port.
    public var port: Int
    /// Addresses of this machine at which everybody is served, as that where functions find the gateway.
    public var servedAt: Set<String>

    /// Whether this machine's own connections are served; tests have no others.
    var servesThisMachine = true

    /// Makes a value.
    public init(port: Int, servedAt: Set<String> = []) {
        self.port = port
        self.servedAt = servedAt
    }

    /// Whether a connection must go to the encrypted port.
    ///
    /// - Parameters:
    ///   - local: the address that the client connected to.
    ///   - peer: the client's own.
    func applies(local: String, peer: String) -> Bool {
        let isThisMachine = Self.isLoopback(peer) || peer == local
        return !(isThisMachine && servesThisMachine) && !servedAt.contains(local)
    }

    private static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }

    /// Where a request should go.
    ///
    /// - Parameters:
    ///   - host: the value of `Host`, with a port or without.
    ///   - target: path and query as they came.
    /// - Returns: `nil` for a host that cannot be one; it would become part of a head.
    func location(host: String, target: String) -> String? {
        let name: Substring
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            name = host[...end]
            guard name.dropFirst().dropLast().utf8.allSatisfy({ $0.isHexDigit || $0 == .colon || $0 == .dot }) else {
                return nil
            }
        } else {
            name = host.prefix { $0 != ":" }
            guard name.utf8.allSatisfy(\.isNamePart) else { return nil }
        }
        guard !name.isEmpty, target.hasPrefix("/") else { return nil }
        return "https://\(name)\(port == 443 ? "" : ":\(port)")\(target)"
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
