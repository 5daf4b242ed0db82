/// The parts of `/async-function/NAME[.NAMESPACE][/PATH][?QUERY]`.
struct AsyncTarget: Equatable {
    static let prefix = "/async-function/"

    /// `NAME[.NAMESPACE]`, raw and not checked.
    let name: String
    /// What the function gets: path and query; empty, or begins with `/` or `?`.
    let rest: String

    /// - Returns: `nil` when the target is another's.
    init?(_ target: String) {
        guard target.hasPrefix(Self.prefix) else { return nil }
        let text = target.utf8.dropFirst(Self.prefix.utf8.count)
        let end = text.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? text.endIndex
        name = String(Substring(text[..<end]))
        rest = Self.sound(text[end...])
    }

    /// The same with bytes that no URL may hold percent-encoded, so that it is the same wherever it is parsed.
    private static func sound(_ text: Substring.UTF8View) -> String {
        guard !text.allSatisfy(isSound) else { return String(Substring(text)) }
        var sound = ""
        for byte in text {
            if isSound(byte) {
                sound.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                sound += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return sound
    }

    private static let marks = Set("-._~:/?@!$&'()*+,;=%".utf8)

    private static func isSound(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || marks.contains(byte)
    }
}
