import CLinux
import Glibc

/// Who takes the connections of a listener.
protocol ConnectionAcceptor: AnyObject {
    func accepted(_ descriptor: Int32, role: Listener.Role)
    /// Whether one more connection may be taken now; may make room for it.
    var hasRoom: Bool { get }
}

/// A listening socket.
final class Listener: EventHandler, TimerOwner {
    /// What the connections of a listener are for.
    enum Role {
        case function
        case metrics
    }

    private let descriptor: Int32
    private let role: Role
    private let loop: EventLoop
    private unowned let acceptor: any ConnectionAcceptor
    private let unixPath: String?
    private var isWatched = false
    private lazy var retryTimer = LoopTimer(owner: self)

    /// Listens on a TCP port of all addresses, IPv6 and IPv4 where the machine has both.
    convenience init(port: UInt16, role: Role, loop: EventLoop, acceptor: any ConnectionAcceptor) throws {
        do {
            self.init(try Self.bindAll6(port: port), role: role, loop: loop, acceptor: acceptor, unixPath: nil)
        } catch {
            do {
                self.init(try Self.bindAll4(port: port), role: role, loop: loop, acceptor: acceptor, unixPath: nil)
            } catch {
                throw WatchdogError(.system, message: "cannot listen on port \(port)", cause: error)
            }
        }
    }

    /// Listens on a Unix socket. A socket left there by an earlier run is replaced, anything else is not.
    convenience init(unixPath: String, loop: EventLoop, acceptor: any ConnectionAcceptor) throws {
        do {
            self.init(
                try Self.bindUnix(path: unixPath), role: .function, loop: loop, acceptor: acceptor, unixPath: unixPath)
        } catch {
            throw WatchdogError(.system, message: "cannot listen on \(unixPath)", cause: error)
        }
    }

    private init(
        _ descriptor: Int32, role: Role, loop: EventLoop, acceptor: any ConnectionAcceptor, unixPath: String?
    ) {
        self.descriptor = descriptor
        self.role = role
        self.loop = loop
        self.acceptor = acceptor
        self.unixPath = unixPath
        resume()
    }

    /// The port the kernel has given; differs from the one asked for when that was 0.
    var port: UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &length) }
        }
        return UInt16(bigEndian: address.sin6_port)
    }

    /// Takes connections again.
    func resume() {
        guard !isWatched else { return }
        isWatched = loop.watch(descriptor, for: .readable, self)
    }

    func stop() {
        loop.disarm(retryTimer)
        loop.closeDescriptor(descriptor)
        if let unixPath { unlink(unixPath) }
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        for _ in 0..<Limits.acceptsPerTurn {
            guard acceptor.hasRoom else { return pause() }
            let connection = accept4(descriptor, nil, nil, O_CLOEXEC | O_NONBLOCK)
            if connection >= 0 {
                acceptor.accepted(connection, role: role)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                loop.arm(retryTimer, after: Limits.acceptRetry)
                return pause()
            default: return
            }
        }
    }

    func timerFired(_ timer: LoopTimer) {
        resume()
    }

    /// The kernel's queue holds who comes now; a connection that closes calls `resume`.
    private func pause() {
        guard isWatched else { return }
        isWatched = false
        loop.forget(descriptor)
    }
}

extension Listener {
    private static func bindAll6(port: UInt16) throws(SystemError) -> Int32 {
        let descriptor = try make(AF_INET6)
        setOption(descriptor, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        return try listen(descriptor, at: &address)
    }

    private static func bindAll4(port: UInt16) throws(SystemError) -> Int32 {
        let descriptor = try make(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        return try listen(descriptor, at: &address)
    }

    private static func bindUnix(path: String) throws(SystemError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw SystemError(number: ENAMETOOLONG) }
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        return try listen(try make(AF_UNIX), at: &address)
    }

    private static func make(_ family: Int32) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw .last }
        if family != AF_UNIX {
            setOption(descriptor, level: SOL_SOCKET, SO_REUSEADDR, 1)
            // Linux hands these two on to every connection that the listener accepts.
            setOption(descriptor, level: SOL_SOCKET, SO_KEEPALIVE, 1)
            setOption(descriptor, level: Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        }
        return descriptor
    }

    private static func setOption(_ descriptor: Int32, level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func listen<Address>(_ descriptor: Int32, at address: inout Address) throws(SystemError) -> Int32 {
        let length = socklen_t(MemoryLayout<Address>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0, Glibc.listen(descriptor, Limits.backlog) == 0 else {
            let error = SystemError.last
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
