import Glibc
import Testing

@testable import Containers

/// Datagrams sent from one network namespace to another, by sockets of this process.
enum Datagrams {
    /// Sends one to a socket that answers, and returns whether the answer came.
    static func areAnswered(
        from client: HostRunner, to address: String, port: UInt16, on server: HostRunner
    ) async throws -> Bool {
        let listening = try await server.inside { socket(to: address, port, using: bind) }
        try #require(listening >= 0)
        defer { close(listening) }
        let sending = try await client.inside { socket(to: address, port, using: connect) }
        try #require(sending >= 0)
        defer { close(sending) }
        // Sockets stay in the namespace they were made in.
        var byte: UInt8 = 42
        guard send(sending, &byte, 1, 0) == 1 else { return false }
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let answered = withUnsafeMutableBytes(of: &peer) { bytes in
            let name = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return recvfrom(listening, &byte, 1, 0, name, &length) == 1
                && sendto(listening, &byte, 1, 0, name, length) == 1
        }
        return answered && recv(sending, &byte, 1, 0) == 1
    }

    private typealias Use = (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32

    private static func socket(to address: String, _ port: UInt16, using use: Use) -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = inet_addr(address)
        let used = withUnsafeBytes(of: &name) { bytes in
            use(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        guard used == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
