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
}
