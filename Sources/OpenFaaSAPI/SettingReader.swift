/// Reads settings out of labels or annotations, and remembers the first that breaks its rule.
struct SettingReader {
    let values: [String: String]
    /// The first key that breaks its rule, as a sentence.
    private(set) var problem: String?

    init(_ values: [String: String]) {
        self.values = values
    }

    /// Remembers a broken rule that is not one of a single key's value.
    mutating func report(_ problem: String) {
        self.problem = self.problem ?? problem
    }

    /// The value of a key; `nil` when it is absent or breaks its rule.
    ///
    /// - Parameters:
    ///   - rule: what a value must be, to go after "must be".
    ///   - parse: gives `nil` for a value that breaks the rule.
    mutating func value<Value>(_ key: String, _ rule: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = values[key] else { return nil }
        guard let value = parse(text) else {
            problem = problem ?? "\(key) must be \(rule), not \"\(text.prefix(80))\""
            return nil
        }
        return value
    }

    /// A whole number within a range.
    mutating func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A time.
    mutating func time(_ key: String, such example: String) -> Duration? {
        value(key, "a time such as \(example)", GoDuration.parse)
    }

    /// `true` or `false`.
    mutating func flag(_ key: String) -> Bool? {
        value(key, "true or false") { ["true": true, "1": true, "false": false, "0": false][$0] }
    }
}
