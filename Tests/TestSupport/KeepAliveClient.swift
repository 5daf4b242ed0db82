import Glibc

/// One HTTP/1.1 connection that is used again and again, and that takes nothing for granted.
///
/// It blocks its thread, so it is for threads of a load's own.
struct KeepAliveClient: ~Copyable {
    /// An answer.
    struct Answer {
        var status = 0
        var body: [UInt8] = []
    }

    /// Why there is no answer.
    struct Failure: Error {
        let reason: String
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    private let port: UInt16
    private var socket: Int32 = -1
    private var received: [UInt8] = []

    init(port: UInt16) {
        self.port = port
    }

    deinit {
        if socket >= 0 { close(socket) }
    }

    /// Asks once. A connection that ended without being announced is a failure, also between two calls.
    ///
    /// - Parameter body: makes it a POST.
    mutating func call(_ path: String, body: String? = nil) throws(Failure) -> Answer {
        if socket < 0 { try connect() }
        do {
            let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
            let method = body == nil ? "GET" : "POST"
            try send("\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(length)\r\n\(body ?? "")")
            return try answer()
        } catch {
            disconnect()
            throw error
        }
    }

    private mutating func connect() throws(Failure) {
        guard let socket = LoopbackSocket.connect(port) else { throw Self.failure("connect") }
        self.socket = socket
    }

    private mutating func disconnect() {
        if socket >= 0 { close(socket) }
        socket = -1
        received = []
    }

    private func send(_ text: String) throws(Failure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Self.failure("send") }
            rest = rest.dropFirst(count)
        }
    }

    private mutating func answer() throws(Failure) -> Answer {
        let head = String(decoding: try take(through: Self.headEnd), as: UTF8.self).lowercased()
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0] == "http/1.1", let status = Int(words[1]) else {
            throw Failure(reason: "no HTTP answer: \(head.prefix(80))")
        }
        func field(_ name: String) -> String? {
            lines.first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1).drop { $0 == " " }.description
        }
        var answer = Answer(status: status)
        if let length = field("content-length") {
            guard let length = Int(length) else { throw Failure(reason: "bad length: \(length)") }
            answer.body = try take(count: length)
        } else if field("transfer-encoding") == "chunked" {
            answer.body = try chunks()
        } else {
            throw Failure(reason: "an answer without an end: \(head.prefix(200))")
        }
        if field("connection") == "close" { disconnect() }
        return answer
    }

    private mutating func chunks() throws(Failure) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try take(through: Self.lineEnd).dropLast(2), as: UTF8.self)
            guard let size = Int(line, radix: 16) else { throw Failure(reason: "bad chunk: \(line.prefix(80))") }
            body += try take(count: size)
            guard try take(count: 2) == Self.lineEnd else { throw Failure(reason: "a chunk without its end") }
            if size == 0 { return body }
        }
    }

    private mutating func take(through mark: [UInt8]) throws(Failure) -> [UInt8] {
        while true {
            if let start = received.indices.first(where: { received[$0...].starts(with: mark) }) {
                return try take(count: start + mark.count)
            }
            guard received.count < 1 << 16 else { throw Failure(reason: "an endless head") }
            try receive()
        }
    }

    private mutating func take(count: Int) throws(Failure) -> [UInt8] {
        while received.count < count { try receive() }
        let taken = Array(received.prefix(count))
        received.removeFirst(count)
        return taken
    }

    private mutating func receive() throws(Failure) {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &piece, piece.count, 0)
        guard count != 0 else { throw Failure(reason: "the connection was closed before the answer's end") }
        guard count > 0 else { throw Self.failure("recv") }
        received += piece.prefix(count)
    }

    private static func failure(_ call: String) -> Failure {
        Failure(reason: "\(call): \(String(cString: strerror(errno)))")
    }
}
