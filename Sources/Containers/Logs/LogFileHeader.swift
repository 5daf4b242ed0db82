/// What stands before the text in a line of a file: `TIME STREAM TAG `; see ``LogRecord``.
struct LogFileHeader: Equatable {
    /// The longest header, in bytes: the longest time, stream and tag that are read.
    static let maximumLength = 64

    let time: LogTime
    let stream: LogLine.Stream
    let endsLine: Bool
    /// In bytes, with the space before the text.
    let length: Int

    /// Reads the start of a line; nil when it has not the form.
    init?(_ line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        let parts = line.split(separator: space, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let time = LogTime(bytes: parts[0]),
            let stream = LogLine.Stream(rawValue: String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        // Further tags may follow the first after a colon.
        switch parts[2].first {
        case UInt8(ascii: "F"): endsLine = true
        case UInt8(ascii: "P"): endsLine = false
        default: return nil
        }
        self.time = time
        self.stream = stream
        length = parts[3].startIndex - line.startIndex
    }
}
