import CSystemd
import Glibc

/// The system's journal, by libsystemd.
enum Journal {
    /// Where journald listens. libsystemd has this path built in, and drops entries silently when it is absent.
    static let socket = "/run/systemd/journal/socket"

    static var isPresent: Bool { access(socket, F_OK) == 0 }

    /// Sends one entry.
    ///
    /// - Parameter fields: Each is `NAME=value`; the value may be any bytes.
    /// - Returns: Whether journald took it.
    static func send(_ fields: [[UInt8]]) -> Bool {
        var joined = Array(fields.joined())
        return joined.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            var offset = 0
            let parts = fields.map { field in
                defer { offset += field.count }
                return iovec(iov_base: base + offset, iov_len: field.count)
            }
            return sd_journal_sendv(parts, Int32(parts.count)) == 0
        }
    }

    /// The newest `count` entries that have all of `matches` (each `NAME=value`), oldest first.
    static func last(_ count: Int, matching matches: [String]) -> [LogLine] {
        var handle: OpaquePointer?
        guard sd_journal_open(&handle, Int32(SD_JOURNAL_LOCAL_ONLY)) == 0, let journal = handle else { return [] }
        defer { sd_journal_close(journal) }
        for match in matches {
            guard sd_journal_add_match(journal, match, 0) == 0 else { return [] }
        }
        guard sd_journal_seek_tail(journal) == 0 else { return [] }
        var lines: [LogLine] = []
        while lines.count < count, sd_journal_previous(journal) > 0 {
            lines.append(line(at: journal))
        }
        return lines.reversed()
    }

    private static func line(at journal: OpaquePointer) -> LogLine {
        var microseconds: UInt64 = 0
        sd_journal_get_realtime_usec(journal, &microseconds)
        let time = timespec(
            tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1000)
        let isError = field("PRIORITY", at: journal) == Array("3".utf8)
        let record = LogRecord(stream: isError ? .error : .output, bytes: field("MESSAGE", at: journal), at: time)
        return LogLine(
            time: record.timestamp, stream: record.stream, text: String(decoding: record.bytes, as: UTF8.self))
    }

    private static func field(_ name: String, at journal: OpaquePointer) -> [UInt8] {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(journal, name, &data, &length) == 0, let data else { return [] }
        return Array(UnsafeRawBufferPointer(start: data, count: length).dropFirst(name.utf8.count + 1))
    }
}
