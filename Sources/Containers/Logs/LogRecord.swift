// The headers of libsystemd declare `timespec` to Swift.
import CSystemd
import Glibc

/// One line that a container wrote.
public struct LogLine: Sendable, Equatable {
    /// Which of its two streams a line was written to.
    public enum Stream: String, Sendable {
        /// Standard output.
        case output = "stdout"
        /// Standard error.
        case error = "stderr"
    }

    /// When it was collected, in RFC 3339 with nanoseconds and in UTC.
    public let time: String
    /// Where it was written to.
    public let stream: Stream
    /// The line without its line feed; bytes that are not UTF-8 are replaced.
    public let text: String
}

/// A line on its way to a store.
///
/// In files it has the form of Kubernetes' container runtime interface, which log shippers know:
/// `TIME STREAM TAG TEXT`, where the tag is `F` for a full line and `P` for a part that goes on.
struct LogRecord: Sendable, Equatable {
    var seconds: Int
    var nanoseconds: Int
    var stream: LogLine.Stream
    var bytes: [UInt8]
    var endsLine: Bool

    init(stream: LogLine.Stream, bytes: [UInt8], endsLine: Bool = true, at time: timespec) {
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
        self.stream = stream
        self.bytes = bytes
        self.endsLine = endsLine
    }

    static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    /// What stands before the text in a file.
    var fileHeader: [UInt8] { Array("\(timestamp) \(stream.rawValue) \(endsLine ? "F" : "P") ".utf8) }

    /// Whether the other record has the same header: those that were read at once differ in their text only.
    func hasHeader(of other: LogRecord) -> Bool {
        nanoseconds == other.nanoseconds && seconds == other.seconds && stream == other.stream
            && endsLine == other.endsLine
    }

    /// The time in RFC 3339 with nanoseconds.
    var timestamp: String {
        var parts = tm()
        var wholeSeconds = time_t(seconds)
        gmtime_r(&wholeSeconds, &parts)
        return Self.padded(Int(parts.tm_year) + 1900, 4) + "-" + Self.padded(Int(parts.tm_mon) + 1, 2)
            + "-" + Self.padded(Int(parts.tm_mday), 2) + "T" + Self.padded(Int(parts.tm_hour), 2)
            + ":" + Self.padded(Int(parts.tm_min), 2) + ":" + Self.padded(Int(parts.tm_sec), 2)
            + "." + Self.padded(nanoseconds, 9) + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension LogLine {
    /// Reads one line of a file; nil when it has not the form.
    init?(fileForm line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let stream = Stream(rawValue: String(parts[1])) else { return nil }
        self.init(time: String(parts[0]), stream: stream, text: String(parts[3]))
    }
}
