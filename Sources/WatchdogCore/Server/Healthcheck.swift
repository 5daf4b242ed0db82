import CLinux
import Glibc

/// `-run-healthcheck`: for container managers that probe by running a command.
enum Healthcheck {
    /// True when the lock file exists, as in OpenFaaS's watchdogs. Where it could not be written the running watchdog
    /// itself is asked.
    static func run(_ reader: EnvironmentReader) -> Bool {
        if LockFile(path: WatchdogConfiguration.lockPath(reader)).exists { return true }
        var reader = reader
        let port = reader.number("port", in: 1...65535, default: 8080)
        return answersOK(port: UInt16(port))
    }

    private static func answersOK(port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Limits.healthcheckSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return false }
        let request = "GET /_/health HTTP/1.0\r\n\r\n"
        guard write(descriptor, request, request.utf8.count) == request.utf8.count else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { answer in
            let count = recv(descriptor, answer.baseAddress, 12, Int32(MSG_WAITALL))
            return UnsafeRawBufferPointer(answer).slice(0..<max(0, count)).equals("HTTP/1.1 200")
        }
    }
}
