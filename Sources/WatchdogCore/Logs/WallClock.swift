import Glibc

/// The date in the two spellings the watchdog writes, made anew once a second. Always UTC: a function's image need not
/// hold any time zone.
struct WallClock {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var second = Int.min
    private var log: [UInt8] = []
    private var http: [UInt8] = []

    /// `2026/11/24 02:16:01 `, as Go's logger begins its lines.
    mutating func logPrefix() -> [UInt8] {
        refresh()
        return log
    }

    /// `Tue, 24 Nov 2026 02:16:01 GMT`, the value of a Date field.
    mutating func httpDate() -> [UInt8] {
        refresh()
        return http
    }

    private mutating func refresh() {
        let now = time(nil)
        guard now != second else { return }
        second = now
        (log, http) = Self.spell(second: now)
    }

    /// Both spellings of a second since 1970.
    static func spell(second: Int) -> (log: [UInt8], http: [UInt8]) {
        let day = second.quotientFloor(86400)
        let rest = second - day * 86400
        let (year, month, dayOfMonth) = date(day: day)
        let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        // 1970 began on a Thursday.
        let weekday = days[(day % 7 + 7 + 3) % 7]
        let log = "\(year)/\(two(month))/\(two(dayOfMonth)) \(clock) "
        let http = "\(weekday), \(two(dayOfMonth)) \(months[month - 1]) \(year) \(clock) GMT"
        return (Array(log.utf8), Array(http.utf8))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The Gregorian date of a day since 1970, counted in years that begin in March, so that the leap day comes last.
    private static func date(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted.quotientFloor(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Int {
    fileprivate func quotientFloor(_ divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
