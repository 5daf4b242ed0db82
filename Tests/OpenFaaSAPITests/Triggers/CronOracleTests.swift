import Foundation
import OpenFaaSAPI
import Testing

/// A slow reading of the manual: goes from minute to minute and looks at the calendar.
private struct Oracle {
    let minutes: Set<Int>
    let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    let weekdays: Set<Int>
    let stars: [Bool]
    let calendar: Calendar

    private func shows(_ instant: Int64) -> DateComponents {
        calendar.dateComponents(
            [.minute, .hour, .day, .month, .weekday], from: Date(timeIntervalSince1970: Double(instant)))
    }

    private func offset(_ instant: Int64) -> Int {
        calendar.timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }

    private func matches(_ shown: DateComponents) -> Bool {
        guard minutes.contains(shown.minute ?? -1), hours.contains(shown.hour ?? -1),
            months.contains(shown.month ?? -1)
        else { return false }
        let byDay = days.contains(shown.day ?? -1)
        let byWeekday = weekdays.contains((shown.weekday ?? 0) - 1)
        return stars[2] || stars[4] ? byDay && byWeekday : byDay || byWeekday
    }

    func isRun(_ instant: Int64) -> Bool {
        let namesTimes = !stars[0] && !stars[1]
        let here = offset(instant)
        let jump = here - offset(instant - 60)
        if matches(shows(instant)) {
            // The second time that clocks show it.
            let repeated = (1...180).contains { minutes in
                let earlier = instant - Int64(minutes) * 60
                return Int64(offset(earlier)) + earlier == Int64(here) + instant
            }
            if !namesTimes || !repeated { return true }
        }
        guard namesTimes, jump > 0 else { return false }
        // What clocks would have shown, had they not been put forward.
        return (0..<jump / 60).contains { missed in
            var utc = Calendar(identifier: .gregorian)
            utc.timeZone = .gmt
            let local = instant + Int64(here - jump + missed * 60)
            return matches(
                utc.dateComponents(
                    [.minute, .hour, .day, .month, .weekday], from: Date(timeIntervalSince1970: Double(local))))
        }
    }

    func next(after instant: Int64, within minutes: Int) -> Int64? {
        let first = instant / 60 * 60 + 60
        return (0..<minutes).lazy.map { first + Int64($0) * 60 }.first(where: isRun)
    }
}

/// Numbers that repeat with a seed.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct CronOracleTests {
    private static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu",
        "Pacific/Chatham", "America/Havana", "Africa/Casablanca", "Pacific/Apia",
    ]
    private static let window = 3 * 24 * 60

    @Test func agreesWithTheSlowReading() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var numbers = SeededNumbers(state: seed)
        for round in 0..<150 {
            let (text, oracle) = try Self.random(&numbers)
            guard let schedule = try? CronSchedule(text) else { continue }
            let zone = try Zone(oracle.calendar.timeZone.identifier)
            let start = Self.start(zone, &numbers)
            let expected = oracle.next(after: start, within: Self.window)
            let found = schedule.next(after: start, in: zone)
            let inWindow = found.flatMap { $0 <= start / 60 * 60 + Int64(Self.window) * 60 ? $0 : nil }
            #expect(
                inWindow == expected,
                """
                seed \(seed), round \(round): \(text) in \(oracle.calendar.timeZone.identifier) after \
                \(Instant.text(start)) is \(Instant.text(inWindow)), not \(Instant.text(expected))
                """)
        }
    }

    /// Half of the times lie where clocks are changed.
    private static func start(_ zone: Zone, _ numbers: inout SeededNumbers) -> Int64 {
        var start = Int64.random(in: 1_700_000_000..<2_000_000_000, using: &numbers)
        guard Bool.random(using: &numbers) else { return start }
        for _ in 0..<400 where zone.offset(at: start) == zone.offset(at: start + 86_400) { start += 86_400 }
        return start - Int64.random(in: 0..<86_400, using: &numbers)
    }

    private static func random(_ numbers: inout SeededNumbers) throws -> (String, Oracle) {
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        var texts: [String] = []
        var sets: [Set<Int>] = []
        for range in ranges {
            let (text, set) = field(range, &numbers)
            texts.append(text)
            sets.append(set)
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zones.randomElement(using: &numbers) ?? "UTC"))
        return (
            texts.joined(separator: " "),
            Oracle(
                minutes: sets[0], hours: sets[1], days: sets[2], months: sets[3], weekdays: sets[4],
                stars: texts.map { $0.hasPrefix("*") }, calendar: calendar)
        )
    }

    private static func field(_ range: ClosedRange<Int>, _ numbers: inout SeededNumbers) -> (String, Set<Int>) {
        let first = Int.random(in: range, using: &numbers)
        switch Int.random(in: 0..<5, using: &numbers) {
        case 0, 1:
            return ("*", Set(range))
        case 2:
            let step = Int.random(in: 1...range.upperBound, using: &numbers)
            return ("*/\(step)", Set(stride(from: range.lowerBound, through: range.upperBound, by: step)))
        case 3:
            let last = Int.random(in: first...range.upperBound, using: &numbers)
            return ("\(first)-\(last)", Set(first...last))
        default:
            let other = Int.random(in: range, using: &numbers)
            return ("\(first),\(other)", [first, other])
        }
    }
}
