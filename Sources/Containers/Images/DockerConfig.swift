import FoundationEssentials

/// Credentials for a registry. The text form shows no secret.
struct RegistryCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    var user: String
    var password: String

    var description: String { "credentials of \(user)" }
    var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

/// Docker's `config.json`: `{"auths": {"HOST": {"auth": base64 of "USER:PASSWORD"}}}`.
///
/// Credential helpers and identity tokens are named in errors but not used.
struct DockerConfig: Decodable {
    struct Entry: Decodable {
        var auth: String?
        var username: String?
        var password: String?
        var identitytoken: String?
    }

    var auths: [String: Entry]?

    /// The key that `docker login` writes for Docker Hub.
    private static let hubKey = "https://index.docker.io/v1/"

    /// The credentials in the first of the files that has some for the registry.
    ///
    /// - Throws: `invalidArgument` for a file that is not JSON, and for an entry that cannot be used.
    static func credentials(for domain: String, in paths: [String]) throws(ContainersError) -> RegistryCredentials? {
        for path in paths {
            guard let text = SmallFile.read(path) else { continue }
            let config: DockerConfig
            do {
                config = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
            } catch {
                throw ContainersError(.invalidArgument, "\(path) is not a file of Docker credentials")
            }
            if let entry = config.entry(for: domain) { return try credentials(entry, domain: domain, path: path) }
        }
        return nil
    }

    private func entry(for domain: String) -> Entry? {
        guard let auths else { return nil }
        if domain == "docker.io", let entry = auths[Self.hubKey] { return entry }
        return auths[domain] ?? auths.first { Self.host($0.key) == domain }?.value
    }

    /// Older clients wrote a whole address.
    private static func host(_ key: String) -> Substring {
        var host = Substring(key)
        for scheme in ["https://", "http://"] where host.hasPrefix(scheme) { host = host.dropFirst(scheme.count) }
        return host.prefix { $0 != "/" }
    }

    private static func credentials(
        _ entry: Entry, domain: String, path: String
    ) throws(ContainersError) -> RegistryCredentials? {
        if let token = entry.identitytoken, !token.isEmpty {
            throw ContainersError(
                .unauthorized, "\(path) has an identity token for \(domain); log in with a user and a password")
        }
        if let user = entry.username, let password = entry.password, !user.isEmpty {
            return RegistryCredentials(user: user, password: password)
        }
        // A credential helper leaves an empty entry behind.
        guard let auth = entry.auth, !auth.isEmpty else { return nil }
        guard let data = Data(base64Encoded: auth), let colon = data.firstIndex(of: UInt8(ascii: ":")) else {
            throw ContainersError(
                .invalidArgument, "the credentials for \(domain) in \(path) are not base64 of USER:PASSWORD")
        }
        // Docker pads old entries with NUL.
        let password = data[data.index(after: colon)...].prefix { $0 != 0 }
        return RegistryCredentials(
            user: String(decoding: data[..<colon], as: UTF8.self), password: String(decoding: password, as: UTF8.self))
    }
}
