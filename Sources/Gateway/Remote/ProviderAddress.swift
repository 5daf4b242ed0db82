/// Where an OpenFaaS provider listens, as a URL says it.
public struct ProviderAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name or an IPv4 address.
    public let host: String
    /// The TCP port; 80 where the URL names none.
    public let port: Int
    /// What goes before every path of the API: empty, or a path without a slash at its end.
    public let basePath: String

    /// The URL, without a slash at its end.
    public var description: String { "http://\(host):\(port)\(basePath)" }

    /// Takes a URL apart: `http://HOST[:PORT][/PATH]`.
    ///
    /// - Throws: ``InvalidProviderURL`` that says what is wrong with it and what to do.
    public init(url: String) throws(InvalidProviderURL) {
        guard !url.lowercased().hasPrefix("https://") else {
            throw InvalidProviderURL(
                "https is not supported, because calls of functions would not be encrypted; "
                    + "run a TLS tunnel on this machine (such as stunnel or kubectl port-forward) "
                    + "and give its http address")
        }
        guard url.lowercased().hasPrefix("http://"), url.utf8.count <= 1024 else {
            throw InvalidProviderURL("it must be of the form http://HOST:PORT")
        }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, Self.isHost(host) else {
            throw InvalidProviderURL("\"\(authority)\" must be a host name or an IPv4 address, and a port")
        }
        guard let port = parts.count == 2 ? Int(parts[1]) : 80, (1...65535).contains(port) else {
            throw InvalidProviderURL("the port must be a number from 1 to 65535")
        }
        let path = rest[authority.endIndex...].split(separator: "/")
        guard path.allSatisfy({ Self.isPathSegment($0) }) else {
            throw InvalidProviderURL("its path may hold letters, digits, '-', '_', '.' and '/' only")
        }
        self.host = String(host)
        self.port = port
        basePath = path.map { "/" + $0 }.joined()
    }

    private static func isHost(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count) && text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?/) != nil
    }

    private static func isPathSegment(_ text: Substring) -> Bool {
        text != "." && text != ".." && text.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil
    }
}

/// A URL at which no provider can be used.
public struct InvalidProviderURL: Error, CustomStringConvertible {
    /// The rule that it breaks, for the operator.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
