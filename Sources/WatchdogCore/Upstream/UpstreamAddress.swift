import CLinux
import Glibc

/// Where a function that serves HTTP by itself listens: `upstream_url`.
struct UpstreamAddress: Equatable {
    enum Place: Equatable {
        /// Address in network byte order.
        case ipv4(UInt32, port: UInt16)
        /// The loopback address of IPv6.
        case loopback6(port: UInt16)
        case unix(path: String)
    }

    /// Tried one after the other: `localhost` can be either loopback address.
    let places: [Place]
    /// Put before the path of every request; empty, or begins with a slash and does not end with one.
    let prefix: String

    /// - Parameter text: `http://HOST[:PORT][/PREFIX]` with an IPv4 address, `localhost` or `[::1]` as host, or
    ///   `unix:///PATH`. Names are not looked up: the function runs beside the watchdog.
    init?(_ text: String) {
        if text.hasPrefix("unix://") {
            let path = String(text.dropFirst(7))
            guard path.hasPrefix("/"), path.utf8.count < Limits.socketPath else { return nil }
            places = [.unix(path: path)]
            prefix = ""
            return
        }
        guard text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        var path = rest[authority.endIndex...]
        while path.last == "/" { path.removeLast() }
        guard path.utf8.allSatisfy({ $0.isTarget && $0 != .question }) else { return nil }
        guard let places = Self.places(authority) else { return nil }
        self.places = places
        prefix = String(path)
    }

    private static func places(_ authority: Substring) -> [Place]? {
        var host = authority
        var port: UInt16 = 80
        if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), number > 0 else { return nil }
            host = authority[..<colon]
            port = number
        }
        switch host {
        case "localhost": return [.ipv4(loopback, port: port), .loopback6(port: port)]
        case "[::1]": return [.loopback6(port: port)]
        default:
            var address = in_addr()
            guard inet_pton(AF_INET, String(host), &address) == 1 else { return nil }
            return [.ipv4(address.s_addr, port: port)]
        }
    }

    /// Whether the function listens on this port.
    func uses(port: UInt16) -> Bool {
        places.contains { place in
            switch place {
            case .ipv4(_, let own), .loopback6(let own): own == port
            case .unix: false
            }
        }
    }

    private static let loopback = UInt32(0x7f00_0001).bigEndian

    /// The value of Host for requests that have none.
    static let defaultHost: StaticString = "localhost"
}

extension UpstreamAddress.Place {
    /// Begins a connection that does not block.
    func connect() throws(SystemError) -> Int32 {
        switch self {
        case .ipv4(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host
            return try Self.connect(AF_INET, to: &address)
        case .loopback6(let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return try Self.connect(AF_INET6, to: &address)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            return try Self.connect(AF_UNIX, to: &address)
        }
    }

    private static func connect<Address>(_ family: Int32, to address: inout Address) throws(SystemError) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw .last }
        if family != AF_UNIX {
            var on: Int32 = 1
            _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        let length = socklen_t(MemoryLayout<Address>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        if outcome == 0 || errno == EINPROGRESS { return descriptor }
        let error = SystemError.last
        close(descriptor)
        throw error
    }
}
