#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The time of day, and its text for the `Date` field, which is made once a second.
struct WallClock {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private(set) var date: [UInt8] = []
    private var dateSecond = Int.min

    /// Nanoseconds since 1970. Makes ``date`` fit.
    mutating func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if time.tv_sec != dateSecond {
            dateSecond = time.tv_sec
            date = Self.text(second: time.tv_sec)
        }
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The text of a second since 1970.
    static func text(second: Int) -> [UInt8] {
        let days = Int((Double(second) / 86_400).rounded(.down))
        let time = second - days * 86_400
        let (year, month, day) = civil(day: days)
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = ((days % 7) + 7) % 7
        let clock = "\(padded(time / 3600)):\(padded(time / 60 % 60)):\(padded(time % 60))"
        return Array("\(names[weekday]), \(padded(day)) \(months[month - 1]) \(year) \(clock) GMT".utf8)
    }

    /// The date in the Gregorian calendar of a day since 1970. Years are counted from March, so that the leap day
    /// is the last of its year; 719,468 is the day number of 1970-01-01 since 0000-03-01.
    static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
