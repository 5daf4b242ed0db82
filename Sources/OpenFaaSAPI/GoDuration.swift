/// Times as OpenFaaS writes them: a whole number of seconds, or Go's form such as `500ms` or `1m30s`.
public enum GoDuration {
    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// `nil` when the text is no time, is negative, or is longer than a year.
    public static func parse(_ text: String) -> Duration? {
        if let seconds = Int64(text) { return seconds >= 0 && seconds <= 31_536_000 ? .seconds(seconds) : nil }
        guard !text.isEmpty else { return nil }
        var rest = Substring(text)
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest[unit.endIndex...]
            guard let number = Double(digits), let scale = units.first(where: { $0.suffix == unit }) else { return nil }
            total += number * scale.nanoseconds
        }
        return total <= 31_536_000e9 ? .nanoseconds(Int64(total)) : nil
    }
}
