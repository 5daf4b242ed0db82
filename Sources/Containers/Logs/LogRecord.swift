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
    var timestamp: String { LogTime(seconds: seconds, nanoseconds: nanoseconds).rfc3339 }
}
