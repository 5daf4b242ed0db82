import Foundation

/// A proxy for a request, out of the variables that Go's programs obey (net/http `ProxyFromEnvironment`).
struct HTTPProxy: Equatable, Sendable {
    let host: String
    let port: Int
    /// `user:password` in base64.
    let credentials: String?

    /// The proxy for an address, or none: never for this machine, and not where NO_PROXY names the host.
    static func of(_ address: GatewayAddress, _ surroundings: Surroundings) -> HTTPProxy? {
        let host = address.host
        guard host != "localhost", !host.hasPrefix("127."), host != "::1" else { return nil }
        let excluded = surroundings["NO_PROXY"] ?? surroundings["no_proxy"] ?? ""
        for rule in excluded.split(separator: ",").map({ $0.filter { !$0.isWhitespace }.lowercased() }) {
            let name = rule.hasPrefix(".") ? String(rule.dropFirst()) : rule
            if rule == "*" || host == name || host.hasSuffix("." + name) { return nil }
        }
        let variable = address.text.hasPrefix("https:") ? "HTTPS_PROXY" : "HTTP_PROXY"
        return (surroundings[variable] ?? surroundings[variable.lowercased()]).flatMap(HTTPProxy.init)
    }

    /// Reads `http://user:password@host:port`; without a scheme it is one of HTTP.
    init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.range(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { $0 != "/" }
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        host = String(name)
        guard let number = parts.count > 1 ? Int(parts[1]) : 80, (1...65_535).contains(number) else { return nil }
        port = number
        credentials = user.map { Data($0.utf8).base64EncodedString() }
    }
}
