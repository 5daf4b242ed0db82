/// Writes times in UTC as RFC 3339 has them, with milliseconds: `2026-11-24T11:20:50.123Z`. The text of a second is made
/// once.
struct TimestampWriter {
    /// How many bytes a time has.
    static let count = 24

    private var second = UInt64.max
    private var text: [UInt8] = []

    /// - Parameter nanoseconds: since 1970.
    mutating func write(_ nanoseconds: UInt64, to writer: inout ByteWriter) {
        let now = nanoseconds / 1_000_000_000
        if now != second {
            second = now
            text = Self.text(second: Int(now))
        }
        writer.write(text)
        writer.write(byte: .dot)
        writer.write(decimal: nanoseconds / 1_000_000 % 1_000, width: 3)
        writer.write("Z")
    }

    private static func text(second: Int) -> [UInt8] {
        let (year, month, day) = WallClock.civil(day: second / 86_400)
        let time = second % 86_400
        var text = [UInt8](repeating: 0, count: count - 5)
        text.withUnsafeMutableBytes { memory in
            var writer = ByteWriter(memory)
            writer.write(decimal: UInt64(year), width: 4)
            for (separator, number) in [
                ("-" as StaticString, month), ("-", day), ("T", time / 3600), (":", time / 60 % 60), (":", time % 60),
            ] {
                writer.write(separator)
                writer.write(decimal: UInt64(number), width: 2)
            }
        }
        return text
    }
}
