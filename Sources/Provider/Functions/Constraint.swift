/// A placement constraint: `KEY == VALUE`, `KEY=VALUE` (as faas-netes has them) or `KEY != VALUE` (as Swarm did).
struct Constraint: Sendable, Equatable {
    let key: String
    let value: String
    /// Whether the label must differ.
    let excludes: Bool

    /// Reads a constraint; `nil` when the text is none.
    init?(_ text: String) {
        for (sign, excludes) in [("!=", true), ("==", false), ("=", false)] {
            guard let range = text.firstRange(of: sign) else { continue }
            key = Self.trimmed(text[..<range.lowerBound])
            value = Self.trimmed(text[range.upperBound...])
            self.excludes = excludes
            guard !key.isEmpty, !key.contains(" "), !value.contains("=") else { return nil }
            return
        }
        return nil
    }

    /// Whether a machine with these labels may run the function.
    func allows(_ labels: [String: String]) -> Bool {
        excludes ? labels[key] != value : labels[key] == value
    }

    /// Checks all constraints of a function against this machine's labels.
    ///
    /// - Throws: ``ProviderError`` `invalid` that names the constraint and what the machine has.
    static func check(_ constraints: [String], nodeLabels: [String: String]) throws(ProviderError) {
        for text in constraints {
            guard let constraint = Constraint(text) else {
                throw .invalid(
                    field: "constraints", "\"\(text.prefix(80))\" is not of the form KEY == VALUE or KEY != VALUE")
            }
            guard !constraint.allows(nodeLabels) else { continue }
            let present = nodeLabels[constraint.key].map { "has \(constraint.key)=\($0)" }
            throw .invalid(
                field: "constraints",
                "\"\(text.prefix(80))\" cannot be met: this machine \(present ?? "has no label \(constraint.key)"); "
                    + "labels can be given to it with the setting node-labels")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
