import CSystemd
import Foundation
import Glibc
import Logging
import OpenFaaSAPI

/// Writes log lines to systemd's journal, so that they can be found by the function they are about:
/// `journalctl FAASD_FUNCTION=NAME`.
struct JournalLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Whether standard error goes to the journal (systemd.exec(5), `JOURNAL_STREAM`), so that lines sent there
    /// another way appear in the same place.
    static var isConnected: Bool {
        guard let text = getenv("JOURNAL_STREAM"), let inode = String(cString: text).split(separator: ":").last else {
            return false
        }
        let stream = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/2")
        return stream == "socket:[\(inode)]"
    }

    func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { _, given in given }
        let fields = Self.fields(level: event.level, message: event.message, metadata: metadata)
        // There is nobody to be told that it was not taken.
        _ = Self.send(fields)
    }

    /// The fields of an entry, each `NAME=value`.
    static func fields(level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata) -> [String] {
        let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        var fields = [
            "MESSAGE=\(message)" + pairs.joined(), "PRIORITY=\(priority(level))", "SYSLOG_IDENTIFIER=faasd",
        ]
        if let text = metadata["function"], let name = try? FunctionName(qualified: "\(text)") {
            fields += ["FAASD_FUNCTION=\(name.name)", "FAASD_NAMESPACE=\(name.namespace)"]
        }
        for (key, field) in [("replica", "FAASD_REPLICA"), ("call-id", "FAASD_CALL_ID")] {
            if let value = metadata[key] { fields.append("\(field)=\(value)") }
        }
        return fields
    }

    /// syslog's numbers.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func send(_ fields: [String]) -> Bool {
        var bytes = fields.flatMap(\.utf8)
        return bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            var offset = 0
            let parts = fields.map { field in
                defer { offset += field.utf8.count }
                return iovec(iov_base: base + offset, iov_len: field.utf8.count)
            }
            return sd_journal_sendv(parts, Int32(parts.count)) == 0
        }
    }
}
