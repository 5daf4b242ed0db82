import Foundation
import OpenFaaSAPI

/// Time zones by the names of the IANA database. They come with Foundation, so that a machine needs no `tzdata`; its
/// rules are as new as the toolchain that the daemon was built with.
public enum TimeZones {
    private struct Offsets: ZoneOffsets {
        let zone: TimeZone

        func offset(at instant: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
        }
    }

    /// Whether there is a zone of a name.
    public static func isKnown(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

    /// What clocks show in a zone; UTC for a name that is not known.
    static func offsets(_ name: String) -> any ZoneOffsets {
        guard name != CronSettings.defaultZone, let zone = TimeZone(identifier: name) else { return UTCOffsets() }
        return Offsets(zone: zone)
    }
}
