/// When something runs: a cron expression, or every so often.
public enum CronSchedule: Sendable, Equatable {
    /// At times of the calendar.
    case calendar(CronExpression)
    /// At each multiple of so many seconds since 1970, so that a restart does not shift it.
    case every(seconds: Int64)

    private static let shorthands: [String: String] = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Reads five fields, a shorthand such as `@hourly`, or `@every 5m`.
    ///
    /// - Throws: ``InvalidSchedule``.
    public init(_ text: some StringProtocol) throws(InvalidSchedule) {
        let words = Substring(text).split { $0 == " " || $0 == "\t" }
        guard let first = words.first, first.hasPrefix("@") else {
            self = .calendar(try CronExpression(text))
            return
        }
        if first == "@every", words.count == 2 {
            guard let time = GoDuration.parse(String(words[1])), time >= .seconds(1), time.components.attoseconds == 0
            else {
                throw InvalidSchedule(
                    "@every must be followed by a time of whole seconds such as 5m, not \"\(words[1].prefix(40))\"")
            }
            self = .every(seconds: time.components.seconds)
        } else if words.count == 1, let expression = Self.shorthands[String(first)] {
            self = .calendar(try CronExpression(expression))
        } else {
            let known = Self.shorthands.keys.sorted().joined(separator: ", ")
            throw InvalidSchedule("\"\(text.prefix(40))\" is not known; there are \(known) and @every TIME")
        }
    }

    /// The first instant after another at which it runs, in seconds since 1970; `nil` when there is none.
    public func next(after instant: Int64, in zone: some ZoneOffsets) -> Int64? {
        switch self {
        case .calendar(let expression): expression.next(after: instant, in: zone)
        case .every(let seconds): (instant.floorDivided(by: seconds) + 1) * seconds
        }
    }
}
