/// A day of the Gregorian calendar, counted both ways.
struct CivilDay: Equatable {
    /// Days since 1970-01-01.
    let number: Int64
    /// The year, such as 2026.
    let year: Int64
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int

    /// 0 is Sunday, as in crontab(5).
    var weekday: Int { Int((number + 4).modulo(7)) }

    /// The day with a number.
    ///
    /// Years are counted from March, so that the leap day is the last of its year, in cycles of 400 years, which are
    /// 146,097 days.
    init(number: Int64) {
        self.number = number
        let shifted = number + 719_468
        let cycle = shifted.floorDivided(by: 146_097)
        let dayOfCycle = shifted.modulo(146_097)
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    /// The most days that a month has in any year.
    static func longest(month: Int) -> Int {
        switch month {
        case 2: 29
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient, rounded towards minus infinity.
    func floorDivided(by divisor: Int64) -> Int64 { (self - modulo(divisor)) / divisor }

    /// The remainder, from 0 to below the divisor.
    func modulo(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
