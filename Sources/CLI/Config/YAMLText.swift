/// Writes scalars of YAML.
enum YAMLText {
    /// A text as a scalar that is read as that text and nothing else.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, Character(first).isLetter || first == "/" || first == "." else {
            return false
        }
        guard
            !["true", "false", "yes", "no", "on", "off", "null", "y", "n", ".inf", ".nan"].contains(text.lowercased())
        else { return false }
        let allowed = text.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-_./+=:@".unicodeScalars.contains(scalar)
        }
        return allowed && !text.hasSuffix(":") && !isNumber(text)
    }

    /// `.5` and `1e3` are numbers; what begins with a digit is put in quotes anyway.
    private static func isNumber(_ text: String) -> Bool { Double(text) != nil }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\x" + (digits.count == 1 ? "0" + digits : digits)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
