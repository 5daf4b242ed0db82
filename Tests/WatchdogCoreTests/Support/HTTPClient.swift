import Glibc
import Testing

/// A blocking client of few words, which shows exactly what is on the wire.
final class HTTPClient {
    struct Response {
        var status = 0
        var head = ""
        var body: [UInt8] = []
        /// Whether the body ended as its head said it would.
        var isComplete = false

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { continue }
                return String(parts[1].drop { $0 == " " })
            }
            return nil
        }
    }

    private(set) var descriptor: Int32
    private var received: [UInt8] = []
    private var hasEnded = false

    /// - Parameter seconds: how long one read or write may take.
    init(port: UInt16, seconds: Int = 20) throws {
        descriptor = socket(AF_INET, 1 | Int32(O_CLOEXEC), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        try connect(to: &address, seconds: seconds)
    }

    init(unixPath: String, seconds: Int = 20) throws {
        descriptor = socket(AF_UNIX, 1 | Int32(O_CLOEXEC), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: unixPath.utf8) }
        try connect(to: &address, seconds: seconds)
    }

    private func connect<Address>(to address: inout Address, seconds: Int) throws {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let length = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        if result != 0 { throw Refused() }
    }

    deinit { disconnect() }

    func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    func closeSendingSide() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { throw Ended() }
            rest = rest.dropFirst(count)
        }
    }

    /// Reads one whole response, skipping 100s.
    func response(toHead: Bool = false) throws -> Response {
        var response = Response()
        repeat {
            response = Response()
            response.head = String(decoding: try take(through: "\r\n\r\n"), as: UTF8.self)
            let words = response.head.split(separator: " ")
            response.status = Int(words.count > 1 ? words[1] : "") ?? 0
        } while response.status == 100
        if toHead {
            response.isComplete = true
        } else if let length = response.header("Content-Length").flatMap({ Int($0) }) {
            while received.count < length, receive() {}
            response.body = Array(received.prefix(length))
            response.isComplete = response.body.count == length
            received.removeFirst(response.body.count)
        } else if response.header("Transfer-Encoding") == "chunked" {
            try readChunks(&response)
        } else {
            response.body = rest()
            response.isComplete = hasEnded
        }
        return response
    }

    private func readChunks(_ response: inout Response) throws {
        while let line = try? take(through: "\r\n") {
            let size = try #require(Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16))
            while received.count < size + 2, receive() {}
            guard received.count >= size + 2 else { return }
            response.body += received.prefix(size)
            received.removeFirst(size + 2)
            if size == 0 {
                response.isComplete = true
                return
            }
        }
    }

    /// Reads until there is something, for answers that come in pieces.
    func nextBytes() -> String {
        if received.isEmpty { _ = receive() }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// All that comes until the other side closes.
    func rest() -> [UInt8] {
        while receive() {}
        defer { received = [] }
        return received
    }

    /// Whether the other side closes without sending any more.
    var isClosedByPeer: Bool { !receive() && hasEnded && received.isEmpty }

    /// Nobody listens.
    struct Refused: Error {}

    /// The other side has closed, or is silent for too long.
    struct Ended: Error {}

    private func take(through mark: String) throws -> [UInt8] {
        let mark = Array(mark.utf8)
        var from = 0
        while true {
            if let end = find(mark, from: from) {
                defer { received.removeFirst(end) }
                return Array(received.prefix(end))
            }
            from = max(0, received.count - mark.count)
            guard receive() else { throw Ended() }
        }
    }

    private func find(_ mark: [UInt8], from start: Int) -> Int? {
        guard received.count >= mark.count else { return nil }
        for place in start...max(start, received.count - mark.count)
        where received[place...].starts(with: mark) { return place + mark.count }
        return nil
    }

    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count == 0 || count < 0 && errno == ECONNRESET { hasEnded = true }
        guard count > 0 else { return false }
        received += piece.prefix(count)
        return true
    }
}
