import Glibc

/// A point of the monotonic clock, in nanoseconds.
struct Instant: Comparable {
    let nanoseconds: Int64

    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (instant: Instant, span: TimeSpan) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return Instant(nanoseconds: overflow ? .max : sum)
    }

    static func - (later: Instant, earlier: Instant) -> TimeSpan {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

/// A length of time in whole nanoseconds. The standard library's `Duration` counts in 128 bits, and every conversion of
/// it is a division: several of these for each request.
struct TimeSpan: Comparable {
    let nanoseconds: Int64

    static let zero = TimeSpan(nanoseconds: 0)

    static func nanoseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count) }
    static func microseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1000) }
    static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000) }
    static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000_000) }

    static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.nanoseconds < right.nanoseconds }

    static func * (span: TimeSpan, factor: Int64) -> TimeSpan { TimeSpan(nanoseconds: span.nanoseconds * factor) }
}
