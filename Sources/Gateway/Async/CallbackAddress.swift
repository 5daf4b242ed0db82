import Foundation

/// A URL that a result can be sent to.
struct CallbackAddress: Equatable {
    let scheme: String
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int?
    /// Path and query, raw; begins with `/`.
    let target: String
    /// `user:password`, where the URL has one.
    let userInfo: String?

    /// - Returns: `nil` when the text is not an absolute http or https URL.
    init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        // What another parser might read as another host is nobody's name.
        guard self.host.utf8.allSatisfy(Self.isHost) else { return nil }
        port = parts.port
        let path = parts.percentEncodedPath
        target = (path.isEmpty ? "/" : path) + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
        userInfo = parts.user.map { $0 + ":" + (parts.password ?? "") }
    }

    /// The host as it stands in a URL and in the field `Host`.
    var authority: String { Self.authority(host, port) }

    static func authority(_ host: String, _ port: Int?) -> String {
        (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
    }

    /// A URL as it may be shown.
    static func withoutPassword(_ text: String) -> String {
        guard var parts = URLComponents(string: text), parts.user != nil else { return text }
        parts.user = nil
        parts.password = nil
        return parts.string ?? ""
    }
}

/// The names and addresses under which functions and clients know this gateway.
struct OwnAddresses: Sendable {
    /// The gateway's name on the functions' network, and in a cluster of OpenFaaS (docs "async").
    private static let names: Set<String> = ["gateway", "gateway.openfaas", "gateway.openfaas.svc.cluster.local"]
    private static let usualPort = 8080

    /// Host and port, as bound.
    let bound: [(host: String, port: Int)]

    /// Where the gateway reaches itself.
    var base: String {
        guard let first = bound.first else { return "http://127.0.0.1:\(Self.usualPort)" }
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][first.host] ?? first.host
        return "http://" + CallbackAddress.authority(host, first.port)
    }

    /// Whether a URL is a function of this gateway's own. Its other paths are not for callbacks.
    func holds(_ address: CallbackAddress) -> Bool {
        guard address.scheme == "http",
            address.target.hasPrefix("/function/") || address.target.hasPrefix("/async-function/")
        else { return false }
        let port = address.port ?? 80
        if Self.names.contains(address.host) { return port == Self.usualPort || bound.contains { $0.port == port } }
        return bound.contains { own in
            guard own.port == port else { return false }
            let isEverywhere = own.host == "0.0.0.0" || own.host == "::"
            let isLocal = ["localhost", "127.0.0.1", "::1"].contains(address.host)
            let isBoundLocally = isEverywhere || own.host == "127.0.0.1" || own.host == "::1"
            return own.host == address.host || (isLocal && isBoundLocally)
        }
    }
}
