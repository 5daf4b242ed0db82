/// One thing that was looked at on this machine, and what to do about it.
struct Finding: Sendable, Equatable {
    enum Level: String, Sendable {
        case fine
        /// The daemon runs all the same, perhaps later or less well.
        case warning
        /// Functions cannot run, or not be called, before this is mended.
        case problem
    }

    let level: Level
    /// What is so.
    let text: String
    /// What to do; `nil` where nothing is to be done.
    let fix: String?

    static func fine(_ text: String) -> Finding { Finding(level: .fine, text: text, fix: nil) }
    static func warning(_ text: String, fix: String?) -> Finding { Finding(level: .warning, text: text, fix: fix) }
    static func problem(_ text: String, fix: String?) -> Finding { Finding(level: .problem, text: text, fix: fix) }

    /// A line for a terminal, and under it what to do.
    var line: String {
        let mark =
            switch level {
            case .fine: "ok      "
            case .warning: "warning "
            case .problem: "PROBLEM "
            }
        return "\(mark)\(text)" + (fix.map { "\n        fix: \($0)" } ?? "")
    }
}
