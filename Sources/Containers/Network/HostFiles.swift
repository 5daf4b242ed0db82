/// The files `hosts` and `resolv.conf` that containers see as theirs.
///
/// They are bind-mounted into containers one by one, so a container sees the file that was there when it started;
/// hence they are written in place, never replaced.
public struct HostFiles: Sendable {
    /// Where Debian has the resolvers of the machine itself, and where systemd-resolved has those that it asks.
    public static let systemResolverPaths = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]

    /// The file to be mounted at /etc/hosts.
    public let hostsPath: String
    /// The file to be mounted at /etc/resolv.conf.
    public let resolverPath: String
    private let hostResolverPaths: [String]

    /// Makes a value; nothing is written.
    ///
    /// - Parameter hostResolverPaths: The host's files; the first with a resolver that a container can reach is used.
    public init(
        hostsPath: String, resolverPath: String, hostResolverPaths: [String] = Self.systemResolverPaths
    ) {
        self.hostsPath = hostsPath
        self.resolverPath = resolverPath
        self.hostResolverPaths = hostResolverPaths
    }

    /// Writes `hosts`: localhost, the given names, and nothing of the host's own.
    ///
    /// - Parameter names: Pairs such as `gateway` and the bridge's address.
    /// - Returns: Whether the file was changed.
    /// - Throws: `invalidArgument` for a name or an address that would break the file's form; `internalError`.
    @discardableResult
    public func writeHosts(_ names: [(name: String, address: String)]) throws(ContainersError) -> Bool {
        var text = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        for (name, address) in names {
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    RuntimeNames.isAlphanumeric(byte) || "-._".utf8.contains(byte)
                }
            let isAddress =
                !address.isEmpty
                && address.utf8.allSatisfy { byte in
                    RuntimeNames.isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
                }
            guard isName, isAddress else {
                throw ContainersError(
                    .invalidArgument,
                    "\"\(BoundedText.shown(name))\" at \"\(BoundedText.shown(address))\" is not a host's name and address"
                )
            }
            text += "\(address)\t\(name)\n"
        }
        return try Self.update(hostsPath, text)
    }

    /// Writes `resolv.conf` after the host's.
    ///
    /// - Returns: Whether the file was changed.
    /// - Throws: `internalError`.
    @discardableResult
    public func writeResolver() throws(ContainersError) -> Bool {
        let texts = hostResolverPaths.compactMap { SmallFile.read($0) }
        return try Self.update(resolverPath, ResolverFile.text(from: texts))
    }

    private static func update(_ path: String, _ text: String) throws(ContainersError) -> Bool {
        guard SmallFile.read(path) != text else { return false }
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try SmallFile.makeDirectories("/\(parent)", mode: 0o755)
        try SmallFile.write(text, to: path)
        return true
    }
}

/// The form of resolv.conf; see resolv.conf(5).
enum ResolverFile {
    /// The C library's own limit.
    private static let maximumResolvers = 3

    /// The first of the texts that has a resolver which containers can reach; otherwise one without resolvers.
    ///
    /// A resolver on a loopback address, such as systemd-resolved's 127.0.0.53, is another machine's when it is
    /// seen from inside a network namespace.
    static func text(from texts: [String]) -> String {
        let reduced = texts.map(reduce)
        let chosen = reduced.first { !$0.resolvers.isEmpty } ?? reduced.first
        guard let chosen else { return "" }
        let lines = chosen.resolvers.prefix(maximumResolvers).map { "nameserver \($0)" } + chosen.others
        return lines.map { $0 + "\n" }.joined()
    }

    private static func reduce(_ text: String) -> (resolvers: [String], others: [String]) {
        var resolvers: [String] = []
        var others: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            switch words.first {
            case "nameserver":
                if words.count >= 2, !isLoopback(words[1]) { resolvers.append(String(words[1])) }
            case "search", "domain", "options": others.append(words.joined(separator: " "))
            default: continue
            }
        }
        return (resolvers, others)
    }

    private static func isLoopback(_ address: Substring) -> Bool {
        address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.") || address == "0.0.0.0"
            || address == "::"
    }
}
