// The headers of libsystemd declare `timespec` to Swift.
import CSystemd
import Glibc

/// A moment, as log lines carry it: with nanoseconds and in UTC, in the years 0 to 9999.
public struct LogTime: Sendable, Hashable, Comparable {
    private static let secondsOfYears = -62_167_219_200...253_402_300_799

    /// Whole seconds since 1970.
    let seconds: Int
    /// The rest, from 0 to 999,999,999.
    let nanoseconds: Int

    /// A moment before year 0 or after year 9999 becomes the first or the last second of those.
    init(seconds: Int, nanoseconds: Int) {
        self.seconds = min(max(seconds, Self.secondsOfYears.lowerBound), Self.secondsOfYears.upperBound)
        self.nanoseconds = nanoseconds
    }

    /// A moment as the journal has it, in microseconds since 1970.
    init(microseconds: UInt64) {
        self.init(
            seconds: Int(clamping: microseconds / 1_000_000), nanoseconds: Int(microseconds % 1_000_000) * 1000)
    }

    /// The moment it is.
    public static var now: LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    /// The moment so many seconds later, or earlier when the number is negative.
    public func adding(seconds more: Int) -> LogTime {
        let (sum, overflow) = seconds.addingReportingOverflow(more)
        return LogTime(seconds: overflow ? (more < 0 ? .min : .max) : sum, nanoseconds: nanoseconds)
    }

    /// The earlier one first.
    public static func < (left: LogTime, right: LogTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The moment in RFC 3339, in UTC and with nine digits of a second: `2023-11-14T22:13:20.000000042Z`.
    public var rfc3339: String {
        var parts = tm()
        var wholeSeconds = time_t(seconds)
        gmtime_r(&wholeSeconds, &parts)
        // Written digit by digit, since every line that is kept or read has one.
        return String(unsafeUninitializedCapacity: 30) { buffer in
            var length = 0
            func put(_ number: Int, _ digits: Int, _ after: Unicode.Scalar) {
                var rest = number
                for place in stride(from: length + digits - 1, through: length, by: -1) {
                    buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                buffer[length + digits] = UInt8(ascii: after)
                length += digits + 1
            }
            put(Int(parts.tm_year) + 1900, 4, "-")
            put(Int(parts.tm_mon) + 1, 2, "-")
            put(Int(parts.tm_mday), 2, "T")
            put(Int(parts.tm_hour), 2, ":")
            put(Int(parts.tm_min), 2, ":")
            put(Int(parts.tm_sec), 2, ".")
            put(nanoseconds, 9, "Z")
            return length
        }
    }
}

extension LogTime {
    private static let longestForm = 64

    /// Reads a moment in the form of RFC 3339, such as `2023-11-14T22:13:20Z` or `2023-11-14T23:13:20.5+01:00`.
    ///
    /// Digits of a second beyond the ninth are dropped.
    ///
    /// - Returns: nil for anything else, a day that its month does not have among it.
    public init?(rfc3339 text: some StringProtocol) {
        self.init(bytes: Array(text.utf8.prefix(Self.longestForm + 1))[...])
    }

    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Self.longestForm else { return nil }
        var rest = bytes
        guard let year = Self.number(&rest, 4), Self.skip("-", &rest), let month = Self.number(&rest, 2),
            Self.skip("-", &rest), let day = Self.number(&rest, 2), Self.skip("T", &rest) || Self.skip("t", &rest),
            let hour = Self.number(&rest, 2), Self.skip(":", &rest), let minute = Self.number(&rest, 2),
            Self.skip(":", &rest), let second = Self.number(&rest, 2), let fraction = Self.fraction(&rest),
            let offset = Self.offset(&rest), rest.isEmpty
        else { return nil }
        guard (1...12).contains(month), (1...Self.days(ofMonth: month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        self.init(seconds: timegm(&parts) - offset, nanoseconds: fraction)
    }

    private static func days(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func skip(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }

    /// A number of exactly so many digits.
    private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        rest.removeFirst(count)
        return value
    }

    /// The nanoseconds after an optional point, which must be followed by a digit.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard skip(".", &rest) else { return 0 }
        var value = 0
        var count = 0
        while let byte = rest.first, let digit = digit(byte) {
            if count < 9 { value = value * 10 + digit }
            count += 1
            rest.removeFirst()
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 { value *= 10 }
        return value
    }

    /// What the local time is ahead of UTC, in seconds.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if skip("Z", &rest) || skip("z", &rest) { return 0 }
        let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard skip("+", &rest) || skip("-", &rest), let hours = number(&rest, 2), skip(":", &rest),
            let minutes = number(&rest, 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
