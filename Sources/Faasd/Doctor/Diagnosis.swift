/// One thing that the doctor looked at.
struct Diagnosis: Sendable, Equatable {
    enum Weight: Sendable {
        case fine
        /// Worth knowing; everything works.
        case warning
        /// Something does not work, or soon will not.
        case problem
    }

    let weight: Weight
    /// What was found, a sentence without a full stop.
    let text: String
    /// What to do about it.
    let fix: String?

    static func fine(_ text: String) -> Diagnosis { Diagnosis(weight: .fine, text: text, fix: nil) }

    static func warning(_ text: String, fix: String) -> Diagnosis {
        Diagnosis(weight: .warning, text: text, fix: fix)
    }

    static func problem(_ text: String, fix: String) -> Diagnosis {
        Diagnosis(weight: .problem, text: text, fix: fix)
    }

    /// For a terminal: a line, and one for the fix.
    var lines: String {
        let word =
            switch weight {
            case .fine: "ok      "
            case .warning: "warning "
            case .problem: "PROBLEM "
            }
        return word + text + (fix.map { "\n        fix: \($0)" } ?? "")
    }
}
