/// The five fields of crontab(5): minute, hour, day of month, month, day of week.
///
/// Names of months and days, lists, ranges and steps; Sunday is 0 or 7; `?` is `*`. When both days are restricted, which
/// is when neither field begins with `*`, a day matches when either does (cron(8)).
public struct CronExpression: Sendable, Equatable {
    let minutes: UInt64
    let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    /// Whether a day matches when one of its two fields does.
    private let eitherDay: Bool
    /// Whether it names times of the day, in minute and hour, and not every so many minutes or hours. What becomes of
    /// it when clocks are changed depends on that, as with cron(8).
    let namesTimes: Bool

    /// The longest text: a list of all minutes and a list of all days have room.
    private static let maximumLength = 512

    /// Reads an expression.
    ///
    /// - Throws: ``InvalidSchedule`` that names the field and its rule; also for a day that never comes, such as
    ///   30 February.
    public init(_ text: some StringProtocol) throws(InvalidSchedule) {
        guard text.utf8.count <= Self.maximumLength else {
            throw InvalidSchedule("it must not be longer than \(Self.maximumLength) bytes")
        }
        let fields = Substring(text).split { $0 == " " || $0 == "\t" }
        guard fields.count == 5 else {
            throw InvalidSchedule(
                "five fields are needed, minute, hour, day of month, month and day of week, not \(fields.count)")
        }
        let minute = try CronField(fields[0], .minute)
        let hour = try CronField(fields[1], .hour)
        let day = try CronField(fields[2], .dayOfMonth)
        let month = try CronField(fields[3], .month)
        let weekday = try CronField(fields[4], .dayOfWeek)
        minutes = minute.bits
        hours = hour.bits
        days = day.bits
        months = month.bits
        weekdays = weekday.bits
        eitherDay = !day.isStar && !weekday.isStar
        namesTimes = !minute.isStar && !hour.isStar
        guard
            eitherDay
                || (1...12).contains(where: { number in
                    month.contains(number) && (1...CivilDay.longest(month: number)).contains(where: day.contains)
                })
        else {
            throw InvalidSchedule("no month that it names has the day \(fields[2].prefix(40)), so it would never run")
        }
    }

    /// Whether it runs on a day at all.
    func matches(_ day: CivilDay) -> Bool {
        guard months & (1 << UInt64(day.month)) != 0 else { return false }
        let byDay = days & (1 << UInt64(day.day)) != 0
        let byWeekday = weekdays & (1 << UInt64(day.weekday)) != 0
        return eitherDay ? byDay || byWeekday : byDay && byWeekday
    }
}
