/// The name of a function's image.
enum FunctionImage {
    /// How the tag is made (`--tag`).
    enum TagMode: String, CaseIterable, Sendable {
        case latest, sha, branch, describe, digest
    }

    /// The tag of an image reference; `nil` when it has none.
    static func tag(of image: String) -> String? {
        let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return name.firstIndex(of: ":").map { String(name[name.index(after: $0)...]) }
    }

    /// The reference without its tag.
    static func repository(of image: String) -> String {
        tag(of: image).map { String(image.dropLast($0.count + 1)) } ?? image
    }

    /// The reference that is built, pushed and deployed: with `latest` where there is no tag.
    static func withTag(_ image: String) -> String {
        // A digest says all there is to say.
        image.contains("@") || tag(of: image) != nil ? image : image + ":latest"
    }

    /// The reference as containerd has it: `docker.io/library/` before a name without a registry.
    static func complete(_ image: String) -> String {
        let image = withTag(image)
        let first = image.prefix { $0 != "/" }
        guard image.contains("/") else { return "docker.io/library/" + image }
        return first.contains(".") || first.contains(":") || first == "localhost" ? image : "docker.io/" + image
    }

    /// Where an image is pushed to: `docker.io`, or the host and port that its name begins with.
    static func registry(of image: String) -> String { String(complete(image).prefix { $0 != "/" }) }

    /// Whether the registry is on this machine, where nobody needs encryption; Docker has the same rule.
    static func isLocal(_ image: String) -> Bool {
        let registry = registry(of: image)
        let host = registry.hasPrefix("[") ? registry.prefix { $0 != "]" } + "]" : registry.prefix { $0 != ":" }
        return host == "localhost" || host == "[::1]" || (host.hasPrefix("127.") && !host.contains { $0.isLetter })
    }
}
