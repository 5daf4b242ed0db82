import Foundation
import OpenFaaSAPI

/// A zone of the IANA database.
struct Zone: ZoneOffsets {
    private let zone: TimeZone

    init(_ name: String) throws {
        struct Unknown: Error {}
        guard let zone = TimeZone(identifier: name) else { throw Unknown() }
        self.zone = zone
    }

    func offset(at instant: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
    }
}

/// Instants in a form that can be read.
enum Instant {
    /// Reads RFC 3339.
    static func parse(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    static func text(_ instant: Int64?) -> String {
        instant.map { Date(timeIntervalSince1970: Double($0)).formatted(.iso8601) } ?? "never"
    }
}
