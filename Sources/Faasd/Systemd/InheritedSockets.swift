import CSystemd
import Glibc
import Logging
import NIOCore
import Proxy

/// The sockets that systemd gave to this process (sd_listen_fds(3)): those of `faasd.socket`, which listen, and those
/// which the daemon before left in the store.
struct InheritedSockets: Sendable {
    /// One that listens.
    struct Listening: Sendable, Equatable {
        let host: String
        let port: Int
        let descriptor: CInt
    }

    private(set) var listening: [Listening] = []
    /// Clients' connections.
    private(set) var connections: [CInt] = []

    init(listening: [Listening] = [], connections: [CInt] = []) {
        self.listening = listening
        self.connections = connections
    }

    /// Takes what there is, once: programs that this one starts are not to take it again.
    static func take(logger: Logger) -> InheritedSockets {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count > 0, let names else { return InheritedSockets() }
        defer { free(names) }
        var sockets = InheritedSockets()
        for number in 0..<Int(count) {
            let name = names[number].map { String(cString: $0) } ?? ""
            free(names[number])
            sockets.sort(CInt(SD_LISTEN_FDS_START) + CInt(number), name: name, logger: logger)
        }
        return sockets
    }

    private mutating func sort(_ descriptor: CInt, name: String, logger: Logger) {
        let kind = Int32(SOCK_STREAM.rawValue)
        if sd_is_socket(descriptor, AF_UNSPEC, kind, 1) > 0, let (host, port) = Self.address(of: descriptor) {
            listening.append(Listening(host: host, port: port, descriptor: descriptor))
        } else if name == DescriptorStore.name, sd_is_socket(descriptor, AF_UNSPEC, kind, 0) > 0 {
            connections.append(descriptor)
        } else {
            logger.warning("systemd gave a descriptor that is not wanted; it is closed", metadata: ["name": "\(name)"])
            close(descriptor)
        }
    }

    /// Addresses as the proxy takes them: the sockets that systemd holds open where it has them, others to be bound.
    mutating func addresses(_ entrances: [Entrance]) -> [ListenAddress] {
        entrances.map { entrance in
            let host = (try? SocketAddress(ipAddress: entrance.host, port: entrance.port))?.ipAddress
            guard let found = listening.firstIndex(where: { $0.host == host && $0.port == entrance.port }) else {
                return ListenAddress(host: entrance.host, port: entrance.port, freebind: entrance.comesLater)
            }
            return .inherited(descriptor: listening.remove(at: found).descriptor)
        }
    }

    /// Closes the sockets that nobody asked for.
    mutating func closeRest(logger: Logger) {
        for socket in listening {
            logger.warning(
                "faasd.socket listens on an address that is not in the settings; run: sudo faasd install",
                metadata: ["address": "\(socket.host):\(socket.port)"])
            close(socket.descriptor)
        }
        listening = []
    }

    private static func address(of descriptor: CInt) -> (host: String, port: Int)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeMutableBytes(of: &storage) { bytes -> SocketAddress? in
            guard let base = bytes.baseAddress else { return nil }
            let found = getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
            guard found == 0 else { return nil }
            switch CInt(base.load(as: sa_family_t.self)) {
            case AF_INET: return SocketAddress(base.load(as: sockaddr_in.self))
            case AF_INET6: return SocketAddress(base.load(as: sockaddr_in6.self))
            default: return nil
            }
        }
        guard let host = address?.ipAddress, let port = address?.port else { return nil }
        return (host, port)
    }
}
