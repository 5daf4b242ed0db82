/// The parts of a reference, character by character.
extension ImageReference {
    /// Whether a text is a digest: `sha256:` and 64 digits, the one algorithm that registries and containerd use.
    public static func isDigest(_ text: some StringProtocol) -> Bool {
        let prefix = "sha256:"
        return text.hasPrefix(prefix) && text.utf8.count == prefix.utf8.count + 64
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy {
                isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return (isWord(first))
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// Lower-case letters and digits in groups; between two groups stands `.`, `_`, `__`, or any number of `-`.
    static func isPathComponent(_ text: Substring) -> Bool {
        var separator: [UInt8] = []
        var isStart = true
        for byte in text.utf8 {
            if isLower(byte) || isDigit(byte) {
                guard isStart ? separator.isEmpty : isSeparator(separator) else { return false }
                separator = []
                isStart = false
            } else {
                separator.append(byte)
            }
        }
        return !isStart && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || bytes == Array(".".utf8) || bytes == Array("_".utf8) || bytes == Array("__".utf8)
            || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
    }

    /// A host name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
    static func isDomain(_ text: String) -> Bool {
        var host = Substring(text)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let inside = host[host.index(after: host.startIndex)..<end]
            guard inside.contains(":"), inside.utf8.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") }) else {
                return false
            }
            let rest = host[host.index(after: end)...]
            return rest.isEmpty || (rest.hasPrefix(":") && isPort(rest.dropFirst()))
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[host.index(after: colon)...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isHostLabel)
    }

    private static func isHostLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return RuntimeNames.isAlphanumeric(first) && RuntimeNames.isAlphanumeric(last)
            && text.utf8.allSatisfy { RuntimeNames.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy(isDigit) && UInt16(text).map { $0 > 0 } ?? false
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool { RuntimeNames.isAlphanumeric(byte) || byte == UInt8(ascii: "_") }

    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
