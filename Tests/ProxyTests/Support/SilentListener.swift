import Glibc
import NIOCore

@testable import Proxy

/// A port where connecting neither succeeds nor fails: it listens, its queue is full, and nobody accepts.
struct SilentListener {
    let endpoint: ReplicaEndpoint
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var descriptors = [listener]
        // NIO's own form of an address: the fields of `sockaddr_in` belong to a module of NIO in some builds.
        let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let isBound = loopback.withSockAddr { bind(listener, $0, socklen_t($1)) == 0 } && listen(listener, 0) == 0
        guard isBound else { throw TestTimeout(description: "no port for a silent listener") }
        let port = Self.port(of: listener)
        let target = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        // One connection fills the queue; one more makes sure of it.
        for _ in 0..<2 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(filler)
            target.withSockAddr { _ = connect(filler, $0, socklen_t($1)) }
        }
        self.descriptors = descriptors
        endpoint = ReplicaEndpoint(id: "silent", address: .tcp(host: "127.0.0.1", port: port))
    }

    /// The port is the second pair of bytes of an IPv4 address, high byte first (ip(7)).
    private static func port(of descriptor: Int32) -> Int {
        var bytes = [UInt8](repeating: 0, count: 16)
        var size = socklen_t(bytes.count)
        let known = bytes.withUnsafeMutableBytes {
            $0.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) == 0 }
        }
        return known ? Int(bytes[2]) << 8 | Int(bytes[3]) : 0
    }

    func close() {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}
