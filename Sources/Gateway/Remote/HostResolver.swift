import Glibc
import NIOPosix

/// Addresses of a host name.
enum HostResolver {
    /// Asks the system's resolver, on a thread that may block.
    ///
    /// - Returns: IPv4 addresses in dotted form, in the resolver's order; not empty.
    /// - Throws: ``UnknownHost``.
    static func addresses(of host: String) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive { try ask(host) }
    }

    private static func ask(_ host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw UnknownHost(description: "no IPv4 address of \(host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var entry = list
        while let current = entry?.pointee {
            if let address = text(of: current), !found.contains(address) { found.append(address) }
            entry = current.ai_next
        }
        guard !found.isEmpty else { throw UnknownHost(description: "no IPv4 address of \(host)") }
        return found
    }

    private static func text(of entry: addrinfo) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &bytes, socklen_t(bytes.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A name without an address.
struct UnknownHost: Error, CustomStringConvertible {
    let description: String
}
