/// The form of subjects: tokens with dots between (docs "subject-based messaging").
enum Subject {
    /// The longest; the server's own limit for a whole line of control is 4096 bytes.
    static let maximumLength = 1024

    /// Whether a message can be sent to it.
    static func isLiteral(_ text: some StringProtocol) -> Bool {
        isPattern(text) && !text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ">") }
    }

    /// Whether it can be subscribed to: `*` stands for one token, `>` at the end for one and more.
    static func isPattern(_ text: some StringProtocol) -> Bool {
        let bytes = Substring(text).utf8
        guard (1...maximumLength).contains(bytes.count) else { return false }
        let tokens = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for (index, token) in tokens.enumerated() {
            // Blanks and control characters would end the word, or the line.
            guard !token.isEmpty, token.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
            let isWild = token.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ">") }
            guard !isWild || token.count == 1 else { return false }
            guard token.first != UInt8(ascii: ">") || index == tokens.count - 1 else { return false }
        }
        return true
    }

    /// Any text as one token: letters, digits, `-` and `_` stay, every other byte becomes `=XX`.
    static func token(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Any text as one token of a subject, and as the name of a stream or a consumer: letters, digits, `-` and `_` stay,
/// every other byte becomes `=XX`. Two texts never become the same token.
public func natsToken(_ text: String) -> String { Subject.token(text) }
