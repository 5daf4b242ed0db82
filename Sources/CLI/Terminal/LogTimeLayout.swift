import Foundation

/// How `logs` shows times: a layout of Go (`2006-01-02T15:04:05Z07:00`), or the name of one.
struct LogTimeLayout: Sendable {
    private static let named = [
        "rfc850": "Monday, 02-Jan-06 15:04:05 MST", "rfc822": "02 Jan 06 15:04 MST",
        "rfc822z": "02 Jan 06 15:04 -0700", "rfc1123": "Mon, 02 Jan 2006 15:04:05 MST",
        "rfc1123z": "Mon, 02 Jan 2006 15:04:05 -0700",
    ]

    /// Go's words for the parts of a time and ICU's, the longer ones first.
    private static let parts: [(go: String, icu: String)] = [
        (".999999999", ""), (".000000000", ".SSSSSSSSS"), (".000000", ".SSSSSS"), (".000", ".SSS"), ("2006", "yyyy"),
        ("January", "MMMM"), ("Monday", "EEEE"), ("Z07:00", String(repeating: "X", count: 5)), ("-07:00", "xxx"),
        ("-0700", "xx"),
        ("Jan", "MMM"), ("Mon", "EEE"), ("MST", "zzz"), ("01", "MM"), ("02", "dd"), ("03", "hh"), ("04", "mm"),
        ("05", "ss"), ("06", "yy"), ("15", "HH"), ("PM", "a"), ("1", "M"), ("2", "d"), ("3", "h"),
    ]

    private enum Form: Equatable {
        /// As the gateway sends it: RFC 3339 in UTC with all its digits.
        case whole
        /// The same to the second, as `faas-cli` shows it by default.
        case seconds
        case none
        /// A pattern of ICU.
        case pattern(String)
    }

    private let form: Form

    /// - Parameter text: what the flag says; `nil` for its default.
    init(_ text: String?) {
        let name = text?.lowercased()
        switch name {
        case nil, "rfc3339", "2006-01-02t15:04:05z07:00": form = .seconds
        case "rfc3339nano": form = .whole
        case "": form = .none
        default: form = .pattern(Self.translate(name.flatMap { Self.named[$0] } ?? text ?? ""))
        }
    }

    /// Turns a layout of Go into ICU's.
    static func translate(_ layout: String) -> String {
        var rest = layout[...]
        var result = ""
        while let character = rest.first {
            if let part = parts.first(where: { rest.hasPrefix($0.go) }) {
                result += part.icu
                rest = rest.dropFirst(part.go.count)
            } else {
                // Letters mean something to ICU.
                result += character == "'" ? "''" : character.isLetter ? "'\(character)'" : String(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// - Returns: `nil` when times are not shown.
    func text(_ timestamp: String) -> String? {
        switch form {
        case .none: return nil
        case .whole: return timestamp
        case .seconds:
            guard let dot = timestamp.firstIndex(of: ".") else { return timestamp }
            return String(timestamp[..<dot]) + String(timestamp[dot...].drop { $0 == "." || $0.isNumber })
        case .pattern(let pattern): return Self.format(timestamp, pattern)
        }
    }

    private static func format(_ timestamp: String, _ pattern: String) -> String {
        let parser = ISO8601DateFormatter()
        parser.formatOptions =
            timestamp.contains(".") ? [.withInternetDateTime, .withFractionalSeconds] : .withInternetDateTime
        // A time that is none is shown as it is.
        guard let date = parser.date(from: timestamp) else { return timestamp }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = pattern
        return formatter.string(from: date)
    }
}
