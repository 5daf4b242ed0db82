/// Writes Prometheus' text format, version 0.0.4.
struct Exposition {
    /// What kind of series a family holds.
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    /// Begins a family; its series follow.
    mutating func family(_ name: String, _ kind: Kind, help: String) {
        text += "# HELP \(name) \(Self.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Writes one series.
    mutating func series(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        text += name + Self.written(labels) + " " + Self.number(value) + "\n"
    }

    /// Writes the series of one histogram.
    ///
    /// - Parameters:
    ///   - bounds: the upper bound of each bucket but the last, which has none.
    ///   - counts: the count of each bucket by itself.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)], bounds: [Double], counts: [UInt64], sum: Double
    ) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Self.number(bounds[index]) : "+Inf"
            series(name + "_bucket", labels + [("le", bound)], Double(total))
        }
        series(name + "_sum", labels, sum)
        series(name + "_count", labels, Double(total))
    }

    private static func written(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        escapedHelp(text).replacing("\"", with: "\\\"")
    }

    private static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }
}
