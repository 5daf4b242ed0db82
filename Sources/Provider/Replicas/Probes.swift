import Foundation
import Glibc

/// Whether a TCP port takes connections: the sign that a function serves.
enum PortProbe {
    static func accepts(address: String, port: Int) async -> Bool {
        guard let connection = await ProbeConnection(address: address, port: port) else { return false }
        connection.end()
        return true
    }
}

/// Whether a path is answered with a status of 2xx.
enum HTTPProbe {
    /// How long an answer may take; a function that needs longer is asked again.
    private static let patience = Duration.seconds(1)
    /// `HTTP/1.1 200`
    private static let statusLength = 12

    static func succeeds(_ path: String, address: String, port: Int) async -> Bool {
        guard let connection = await ProbeConnection(address: address, port: port) else { return false }
        defer { connection.end() }
        let request =
            "GET \(path) HTTP/1.1\r\nHost: \(address):\(port)\r\nUser-Agent: faasd\r\nConnection: close\r\n\r\n"
        guard connection.send(Array(request.utf8)) else { return false }
        let answer = await connection.receive(Self.statusLength, by: .now + patience)
        guard answer.count == Self.statusLength, answer.starts(with: Array("HTTP/1.".utf8)) else { return false }
        return answer[8] == UInt8(ascii: " ") && answer[9] == UInt8(ascii: "2")
    }
}

/// A short connection to a replica. It never blocks the thread: between two looks the task sleeps.
struct ProbeConnection {
    /// How long a connection may take; on the bridge it takes less than a millisecond.
    private static let patience = Duration.milliseconds(200)

    private let socket: Int32

    /// Connects; `nil` when nobody takes the connection.
    init?(address: String, port: Int) async {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard socket >= 0 else { return nil }
        guard await Self.connects(socket, address: address, port: port) else {
            close(socket)
            return nil
        }
    }

    func end() {
        close(socket)
    }

    /// Sends what fits into the socket's empty buffer, as a short request does.
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// The first bytes of the answer; fewer when it ends or the time does.
    func receive(_ count: Int, by deadline: ContinuousClock.Instant) async -> [UInt8] {
        var received: [UInt8] = []
        while received.count < count {
            var part = [UInt8](repeating: 0, count: count - received.count)
            let length = recv(socket, &part, part.count, 0)
            if length > 0 {
                received += part[..<length]
            } else if length == 0 || errno != EAGAIN && errno != EINTR {
                break
            } else if !(await Self.pause(until: deadline)) {
                break
            }
        }
        return received
    }

    private static func connects(_ socket: Int32, address: String, port: Int) async -> Bool {
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
        let deadline = ContinuousClock.now + patience
        repeat {
            var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            if poll(&waiting, 1, 0) == 1 {
                var failure: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                return getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0
            }
        } while await pause(until: deadline)
        return false
    }

    /// Sleeps a moment; `false` when the time is over or the task was cancelled.
    private static func pause(until deadline: ContinuousClock.Instant) async -> Bool {
        guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return false }
        return ContinuousClock.now < deadline
    }
}

/// Whether a process of this machine lives.
enum ProcessProbe {
    static func isAlive(_ pid: Int32) -> Bool {
        pid > 0 && (kill(pid, 0) == 0 || errno == EPERM)
    }

    /// Whether a process would live on when it is thawed: a frozen one takes SIGKILL only then, and has it pending
    /// until (proc(5): `SigPnd`, `ShdPnd`).
    static func canServe(_ pid: Int32) -> Bool {
        guard isAlive(pid), let status = status(pid) else { return false }
        let isKilled = status.split(separator: UInt8(ascii: "\n")).contains { line in
            guard line.starts(with: "ShdPnd:".utf8) || line.starts(with: "SigPnd:".utf8),
                let value = line.split(separator: UInt8(ascii: "\t")).last
            else { return false }
            return UInt64(String(decoding: value, as: UTF8.self), radix: 16).map { $0 >> (SIGKILL - 1) & 1 == 1 }
                ?? false
        }
        return !isKilled
    }

    /// What the kernel tells of a process, which takes less than two pages. A call waits for it, so it is read at once.
    private static func status(_ pid: Int32) -> [UInt8]? {
        let descriptor = open("/proc/\(pid)/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty ? nil : bytes
    }
}
