/// Durations as OpenFaaS's watchdogs read them: a bare number of seconds, or Go's notation (`500ms`, `1m30s`, `1.5h`).
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// - Returns: nil for anything that is not a duration, is negative, or does not fit 64 bits of nanoseconds.
    static func parse(_ text: String) -> TimeSpan? {
        if let seconds = digits(text[...]) {
            let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return overflow ? nil : .nanoseconds(nanoseconds)
        }
        var rest = text[...]
        if rest.first == "+" { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = parsePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return .nanoseconds(total)
    }

    /// Seconds, for log lines and answers: `30s`, `0.5s`; what is shorter than a thousandth is `50us`.
    static func text(_ duration: TimeSpan) -> String {
        if duration > .zero, duration < .milliseconds(1) { return "\(duration.nanoseconds / 1000)us" }
        let milliseconds = duration.nanoseconds / 1_000_000
        let fraction = milliseconds % 1000
        guard fraction != 0 else { return "\(milliseconds / 1000)s" }
        var digits = String(fraction + 1000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(milliseconds / 1000).\(digits)s"
    }

    /// One number with its unit, taken off the front.
    private static func parsePart(_ rest: inout Substring) -> Int64? {
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unitText = rest[number.endIndex...].prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
        guard let unit = units.first(where: { $0.name == unitText })?.nanoseconds else { return nil }
        rest = rest[unitText.endIndex...]
        let pieces = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = pieces.count > 1 ? pieces[1] : ""
        guard let wholePiece = pieces.first, !(wholePiece.isEmpty && fraction.isEmpty) else { return nil }
        guard let whole = wholePiece.isEmpty ? 0 : digits(wholePiece) else { return nil }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow, let part = scaleFraction(fraction, unit: unit) else { return nil }
        let (sum, tooLarge) = scaled.addingReportingOverflow(part)
        return tooLarge ? nil : sum
    }

    /// The digits after the point; those below a nanosecond do not count.
    private static func scaleFraction(_ fraction: Substring, unit: Int64) -> Int64? {
        guard !fraction.isEmpty else { return 0 }
        guard fraction.utf8.allSatisfy(\.isDigit) else { return nil }
        var weight = unit
        var sum: Int64 = 0
        for digit in fraction.utf8 {
            weight /= 10
            sum += weight * Int64(digit - 0x30)
        }
        return sum
    }

    private static func digits(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int64(text)
    }
}
