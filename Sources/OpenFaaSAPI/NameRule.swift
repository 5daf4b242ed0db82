/// A name that breaks the rule of its field.
///
/// `description` is a whole sentence for the client: it names the field, the value and the rule.
public struct InvalidName: Error, Equatable, CustomStringConvertible {
    /// What the name is for, as the client knows it, such as `service` or `namespace`.
    public let field: String
    /// The rejected text, shortened to a length that is fit to be shown.
    public let value: String
    /// The rule that was broken, in words.
    public let rule: String

    /// The sentence for the client.
    public var description: String { "invalid \(field) \"\(value)\": \(rule)" }

    init(field: String, value: some StringProtocol, rule: String) {
        self.field = field
        self.value = value.count > 80 ? String(value.prefix(80)) + "…" : String(value)
        self.rule = rule
    }
}

/// The form that names of functions and namespaces have.
///
/// It is a superset of the DNS label which `faas-cli` asks for, so that functions made for faasd,
/// whose names may hold capitals and underscores, can be deployed unchanged. It has no `/`, no `.`
/// and no control character, so a checked name can be part of a path, an identifier or an argument.
enum NameRule {
    /// The longest name, in bytes: the limit of a DNS label, and so of a host name.
    static let maximumLength = 63

    static let functionText =
        "it must be 1 to 63 letters, digits, '-' or '_', and begin and end with a letter or digit"
    static let namespaceText =
        "it must be 1 to 63 lower-case letters, digits or '-', and begin and end with a letter or digit"

    static func isFunctionName(_ text: some StringProtocol) -> Bool {
        holds(Substring(text).utf8) { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    static func isNamespace(_ text: some StringProtocol) -> Bool {
        holds(Substring(text).utf8) { (isAlphanumeric($0) && !isUpperCase($0)) || $0 == UInt8(ascii: "-") }
    }

    private static func holds(_ bytes: some BidirectionalCollection<UInt8>, allowed: (UInt8) -> Bool) -> Bool {
        guard let first = bytes.first, let last = bytes.last, bytes.count <= maximumLength else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy(allowed)
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isUpperCase(byte)
    }
}
