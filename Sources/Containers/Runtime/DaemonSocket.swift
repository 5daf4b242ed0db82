import Glibc

/// The socket of a daemon, asked without a word whether somebody listens.
struct DaemonSocket: Sendable {
    let path: String

    /// False when there is no socket or nobody listens at it.
    ///
    /// `ctr` itself goes on trying for as long as its connect time limit when a daemon is down; this takes
    /// microseconds, so that what depends on the daemon can say so at once.
    var isListening: Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // A longer path can not be bound by anybody, with room for the final NUL.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // Without a descriptor to spare nothing is known of the daemon, and `ctr` finds out.
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        return connected || (errno != ENOENT && errno != ECONNREFUSED)
    }
}
