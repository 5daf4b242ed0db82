/// What clocks show somewhere.
public protocol ZoneOffsets: Sendable {
    /// By how many seconds local time is ahead of UTC at an instant, in seconds since 1970.
    func offset(at instant: Int64) -> Int64
}

/// UTC, where clocks are never changed.
public struct UTCOffsets: ZoneOffsets {
    /// Makes UTC.
    public init() {}

    /// None.
    public func offset(at instant: Int64) -> Int64 { 0 }
}

extension CronExpression {
    /// No day that matches is farther from the last: 29 February on a Sunday is the rarest, 40 years around a century.
    private static let searchedDays: Int64 = 50 * 366

    private static let secondsOfDay: Int64 = 86_400

    /// The first instant after another at which it runs, in seconds since 1970.
    ///
    /// When clocks are put forward, what names times (`30 2 * * *`) within the hour that is left out runs at its end,
    /// once; what runs every so often (`*/10 * * * *`, `30 * * * *`) runs as often as there are such times. When they
    /// are put back, what names times runs the first time only, and the other both times. So does cron(8).
    ///
    /// - Returns: `nil` when there is none within 50 years.
    public func next(after instant: Int64, in zone: some ZoneOffsets) -> Int64? {
        let today = (instant + zone.offset(at: instant)).floorDivided(by: Self.secondsOfDay)
        for number in today...(today + Self.searchedDays) {
            // Nearly all days end here, before the zone is asked.
            guard (number - 1...number + 1).contains(where: { matches(CivilDay(number: $0)) }) else { continue }
            if let offset = Self.constantOffset(around: number, zone) {
                guard matches(CivilDay(number: number)) else { continue }
                let midnight = number * Self.secondsOfDay - offset
                guard let second = firstSecond(ofDay: instant - midnight) else { continue }
                return midnight + second
            }
            // Clocks that are put back at midnight bring back the day before.
            let found = (number - 1...number + 1).flatMap { instants(ofDay: $0, zone) }.filter { $0 > instant }.min()
            if let found { return found }
        }
        return nil
    }

    /// The offset that holds from the day before to the day after, if it is one.
    private static func constantOffset(around day: Int64, _ zone: some ZoneOffsets) -> Int64? {
        let offset = zone.offset(at: day * secondsOfDay)
        let around: [Int64] = [-2, -1, 1, 2, 3]
        return around.allSatisfy { zone.offset(at: (day + $0) * secondsOfDay) == offset } ? offset : nil
    }

    /// The first time of a day after another, in seconds of the day.
    private func firstSecond(ofDay after: Int64) -> Int64? {
        let minute = after < 0 ? 0 : Int(after / 60) + 1
        guard minute < 24 * 60 else { return nil }
        if hours & (1 << UInt64(minute / 60)) != 0, let rest = Self.lowest(minutes, from: minute % 60) {
            return Int64(minute / 60 * 60 + rest) * 60
        }
        guard let hour = Self.lowest(hours, from: minute / 60 + 1), let first = Self.lowest(minutes, from: 0) else {
            return nil
        }
        return Int64(hour * 60 + first) * 60
    }

    private static func lowest(_ bits: UInt64, from first: Int) -> Int? {
        let rest = bits >> UInt64(first)
        return rest == 0 ? nil : first + rest.trailingZeroBitCount
    }

    /// All instants of a day near which clocks are changed, in no order.
    private func instants(ofDay number: Int64, _ zone: some ZoneOffsets) -> [Int64] {
        guard matches(CivilDay(number: number)) else { return [] }
        var instants: [Int64] = []
        for hour in 0..<24 where hours & (1 << UInt64(hour)) != 0 {
            for minute in 0..<60 where minutes & (1 << UInt64(minute)) != 0 {
                let local = number * Self.secondsOfDay + Int64(hour * 60 + minute) * 60
                instants += self.instants(ofLocal: local, zone)
            }
        }
        return instants
    }

    /// When clocks show a time: once, twice, or never.
    private func instants(ofLocal local: Int64, _ zone: some ZoneOffsets) -> [Int64] {
        let before = zone.offset(at: local - Self.secondsOfDay)
        let after = zone.offset(at: local + Self.secondsOfDay)
        let shown = Set([local - before, local - after]).filter { $0 + zone.offset(at: $0) == local }.sorted()
        guard shown.isEmpty else { return namesTimes ? Array(shown.prefix(1)) : shown }
        guard namesTimes, before < after else { return [] }
        // The clocks jump somewhere between the two instants that would have been it.
        var (low, high) = (local - after, local - before)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if zone.offset(at: middle) == before { low = middle } else { high = middle }
        }
        return [high]
    }
}
