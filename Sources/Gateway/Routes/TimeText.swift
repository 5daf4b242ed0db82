import Foundation

/// Times as the API has them.
enum TimeText {
    /// RFC 3339 in UTC, of milliseconds since 1970.
    static func of(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
