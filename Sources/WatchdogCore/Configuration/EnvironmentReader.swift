import Glibc

/// Reads typed values from the environment. What cannot be read falls back to the default and leaves a warning.
struct EnvironmentReader {
    private let values: [String: String]
    private(set) var warnings: [String] = []

    init(_ values: [String: String]) {
        self.values = values
    }

    /// The block that the kernel gives to a process: `NAME=VALUE` strings up to a null pointer. As with `getenv`, the
    /// first of two equal names counts.
    init(block: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        var values: [String: String] = [:]
        var entry = block
        while let text = entry?.pointee {
            let pair = String(cString: text)
            if let equals = pair.utf8.firstIndex(of: 0x3d) {
                let name = String(pair[..<equals])
                if values[name] == nil { values[name] = String(pair[pair.utf8.index(after: equals)...]) }
            }
            entry = entry?.advanced(by: 1)
        }
        self.init(values)
    }

    /// The value of a variable; an empty one counts as not set.
    func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// As Go's ParseBool: `1`, `t`, `true` and their opposites in the usual cases.
    mutating func flag(_ name: String, default fallback: Bool) -> Bool {
        switch text(name) {
        case nil: return fallback
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        case .some(let junk):
            warn(name, junk, "is not a boolean", using: "\(fallback)")
            return fallback
        }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let value = text(name) else { return fallback }
        if let number = Int(value), range.contains(number) { return number }
        warn(name, value, "is not a number of \(range.lowerBound) to \(range.upperBound)", using: "\(fallback)")
        return fallback
    }

    /// A span of time; zero means without limit, which is nil here.
    mutating func limit(_ name: String, default fallback: TimeSpan) -> TimeSpan? {
        guard let value = text(name) else { return fallback }
        if let duration = GoDuration.parse(value) { return duration == .zero ? nil : duration }
        warn(name, value, "is not a duration", using: GoDuration.text(fallback))
        return fallback
    }

    /// A pause; not set, zero and junk all mean none.
    mutating func pause(_ name: String) -> TimeSpan? {
        guard let value = text(name) else { return nil }
        if let duration = GoDuration.parse(value) { return duration == .zero ? nil : duration }
        warn(name, value, "is not a duration", using: "no pause")
        return nil
    }

    mutating func warn(_ name: String, _ value: String, _ problem: String, using fallback: String) {
        warnings.append("\(name) \"\(value.prefix(Limits.shownText))\" \(problem), using \(fallback)")
    }
}
