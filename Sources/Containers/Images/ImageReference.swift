/// The full name of an image, as Docker and containerd understand it: `DOMAIN/PATH:TAG@DIGEST`.
///
/// Short forms are completed as Docker completes them: `alpine` is `docker.io/library/alpine:latest`,
/// `functions/alpine` is `docker.io/functions/alpine:latest`. The grammar is that of the `distribution` project.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// The longest name without tag and digest, in bytes; the limit is the `distribution` project's.
    private static let maximumName = 255

    /// The registry's host, with a port if one was given, such as `docker.io` or `localhost:5000`.
    public let domain: String
    /// The repository in the registry, such as `library/alpine`.
    public let path: String
    /// The tag; `latest` when neither a tag nor a digest was given, nil when only a digest was.
    public let tag: String?
    /// The digest, such as `sha256:` and 64 hexadecimal digits.
    public let digest: String?

    /// The full reference. containerd knows the image by this text.
    public var description: String {
        name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// Domain and path.
    public var name: String { "\(domain)/\(path)" }

    /// The shortest form that means the same, as a user would write it.
    public var familiar: String {
        guard domain == "docker.io" else { return description }
        let library = "library/"
        return String(description.dropFirst("docker.io/".count + (path.hasPrefix(library) ? library.count : 0)))
    }

    /// Reads a reference.
    ///
    /// - Throws: `invalidArgument`, whose message says which part breaks which rule.
    public init(_ text: String) throws(ContainersError) {
        guard !text.isEmpty, text.utf8.count <= 512, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Self.invalid(text, "it must be 1 to 512 visible ASCII characters")
        }
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            let digest = String(rest[rest.index(after: at)...])
            guard Self.isDigest(digest) else {
                throw Self.invalid(text, "a digest must be sha256: and 64 lower-case hexadecimal digits")
            }
            self.digest = digest
            rest = rest[..<at]
        } else {
            digest = nil
        }
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag) else {
                throw Self.invalid(text, "a tag must be 1 to 128 letters, digits, '_', '.' or '-'")
            }
            self.tag = tag
            rest = rest[..<colon]
        } else {
            tag = digest == nil ? "latest" : nil
        }
        (domain, path) = Self.complete(rest)
        guard Self.isDomain(domain) else { throw Self.invalid(text, "\"\(domain)\" is not the name of a registry") }
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        guard components.allSatisfy(Self.isPathComponent) else {
            throw Self.invalid(
                text, "a repository must be lower-case letters and digits, with '.', '_' or '-' between them")
        }
        guard domain.utf8.count + 1 + path.utf8.count <= Self.maximumName else {
            throw Self.invalid(text, "its name is longer than \(Self.maximumName) characters")
        }
    }

    /// The first part is a host when it could not be a repository of Docker Hub.
    private static func complete(_ name: Substring) -> (domain: String, path: String) {
        let hub = "docker.io"
        guard let slash = name.firstIndex(of: "/") else { return (hub, "library/\(name)") }
        let first = name[..<slash]
        let rest = String(name[name.index(after: slash)...])
        guard first.contains(".") || first.contains(":") || first == "localhost" else { return (hub, String(name)) }
        guard first == hub || first == "index.docker.io" else { return (String(first), rest) }
        return (hub, rest.contains("/") ? rest : "library/\(rest)")
    }

    private static func invalid(_ text: String, _ rule: String) -> ContainersError {
        ContainersError(.invalidArgument, "invalid image \"\(BoundedText.shown(text))\": \(rule)")
    }
}
