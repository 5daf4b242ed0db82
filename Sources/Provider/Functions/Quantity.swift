/// A Kubernetes quantity such as `128Mi`, `0.5` or `100m`, as an exact number of thousandths.
///
/// Source: Kubernetes API, `resource.Quantity`: an optionally signed decimal number, then a binary
/// suffix (Ki to Ei), a decimal suffix (m, k to E), an exponent (e3), or nothing. What is negative or
/// does not fit is refused.
struct Quantity: Equatable {
    /// The value times 1000, rounded up.
    let thousandths: Int64

    /// The value rounded up to a whole number.
    var roundedUp: Int64 { thousandths / 1000 + (thousandths % 1000 == 0 ? 0 : 1) }

    /// Reads a quantity; `nil` when the text is none.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard digits.count <= 20, let number = Self.decimal(digits) else { return nil }
        guard let scale = Self.scale(text[digits.endIndex...]) else { return nil }
        let value = (number * scale * 1000).rounded(.up)
        guard value.isFinite, value >= 0, value < Double(Int64.max) else { return nil }
        thousandths = Int64(value)
    }

    private static func decimal(_ text: Substring) -> Double? {
        guard text.contains(where: \.isNumber), text.count(where: { $0 == "." }) <= 1 else { return nil }
        return Double(text.hasPrefix(".") ? "0" + text : String(text).trimmingFinalPoint())
    }

    private static func scale(_ suffix: Substring) -> Double? {
        switch suffix {
        case "": return 1
        case "m": return 0.001
        case "k": return 1e3
        case "M": return 1e6
        case "G": return 1e9
        case "T": return 1e12
        case "P": return 1e15
        case "E": return 1e18
        case "Ki": return 1024
        case "Mi": return 1_048_576
        case "Gi": return 1_073_741_824
        case "Ti": return 1_099_511_627_776
        case "Pi": return 1_125_899_906_842_624
        case "Ei": return 1_152_921_504_606_846_976
        default:
            guard suffix.hasPrefix("e") || suffix.hasPrefix("E"), let exponent = Int(suffix.dropFirst()),
                (-3...18).contains(exponent)
            else { return nil }
            return (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
        }
    }
}

extension String {
    fileprivate func trimmingFinalPoint() -> String { hasSuffix(".") ? String(dropLast()) : self }
}
