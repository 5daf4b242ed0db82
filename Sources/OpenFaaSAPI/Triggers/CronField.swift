/// Why a text is no schedule, as a sentence for the client.
public struct InvalidSchedule: Error, Equatable, CustomStringConvertible {
    /// What must be, and what is.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One of the five fields of a cron expression: the numbers that match.
struct CronField: Equatable {
    /// What a field may hold.
    struct Kind {
        let name: String
        let range: ClosedRange<Int>
        /// Words for numbers, the first for the least number.
        var words: [String] = []
        /// What the highest number stands for: Sunday may be written 7.
        var alias: Int?

        static let minute = Kind(name: "minute", range: 0...59)
        static let hour = Kind(name: "hour", range: 0...23)
        static let dayOfMonth = Kind(name: "day of month", range: 1...31)
        static let month = Kind(
            name: "month", range: 1...12,
            words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
        static let dayOfWeek = Kind(
            name: "day of week", range: 0...7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], alias: 0)
    }

    /// A bit for each number.
    private(set) var bits: UInt64 = 0
    /// Whether it begins with `*`, which is what crontab(5) asks for, also with a step.
    let isStar: Bool

    /// Reads a field: items with commas between, each `*`, `N` or `N-M`, with `/STEP` behind it or not.
    init(_ text: Substring, _ kind: Kind) throws(InvalidSchedule) {
        isStar = text.hasPrefix("*") || text.hasPrefix("?")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) { try add(item, kind) }
    }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    private mutating func add(_ item: Substring, _ kind: Kind) throws(InvalidSchedule) {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first: Int
        var last: Int
        if parts[0] == "*" || parts[0] == "?" {
            (first, last) = (kind.range.lowerBound, kind.range.upperBound)
        } else {
            first = try Self.number(ends[0], kind)
            last = first
            if ends.count > 1 {
                last = try Self.number(ends[1], kind)
                // Friday to Sunday.
                if last == kind.alias, first > last { last = kind.range.upperBound }
            } else if parts.count > 1 {
                last = kind.range.upperBound
            }
        }
        guard first <= last else {
            throw InvalidSchedule("the \(kind.name) \"\(item.prefix(40))\" ends before it begins")
        }
        for number in stride(from: first, through: last, by: parts.count > 1 ? try Self.step(parts[1], kind) : 1) {
            bits |= 1 << UInt64(number == kind.range.upperBound ? kind.alias ?? number : number)
        }
    }

    private static func step(_ text: Substring, _ kind: Kind) throws(InvalidSchedule) -> Int {
        guard let step = decimal(text), (1...kind.range.upperBound).contains(step) else {
            throw InvalidSchedule(
                "the step of the \(kind.name) must be 1 to \(kind.range.upperBound), not \"\(text.prefix(40))\"")
        }
        return step
    }

    private static func number(_ text: Substring, _ kind: Kind) throws(InvalidSchedule) -> Int {
        if let index = kind.words.firstIndex(of: text.lowercased()) { return index + kind.range.lowerBound }
        guard let number = decimal(text), kind.range.contains(number) else {
            let words = kind.words.first.flatMap { first in
                kind.words.last.map { " or \(first.uppercased()) to \($0.uppercased())" }
            }
            throw InvalidSchedule(
                "the \(kind.name) must be \(kind.range.lowerBound) to \(kind.range.upperBound)\(words ?? ""), "
                    + "not \"\(text.prefix(40))\"")
        }
        return number
    }

    /// Digits and nothing else: no sign.
    private static func decimal(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
