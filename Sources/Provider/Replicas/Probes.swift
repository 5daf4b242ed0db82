import Glibc

/// Whether a TCP port takes connections: the sign that a function serves.
enum PortProbe {
    /// How long a connection may take; on the bridge it takes less than a millisecond.
    private static let patience = Duration.milliseconds(200)

    /// Connects and closes again. Never blocks the thread.
    static func accepts(address: String, port: Int) async -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else { return false }
        let status = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        return await isConnected(socket, by: .now + patience)
    }

    private static func isConnected(_ socket: Int32, by deadline: ContinuousClock.Instant) async -> Bool {
        repeat {
            var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            if poll(&waiting, 1, 0) == 1 {
                var failure: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                return getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0
            }
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return false }
        } while ContinuousClock.now < deadline
        return false
    }
}

/// Whether a process of this machine lives.
enum ProcessProbe {
    static func isAlive(_ pid: Int32) -> Bool {
        pid > 0 && (kill(pid, 0) == 0 || errno == EPERM)
    }
}
