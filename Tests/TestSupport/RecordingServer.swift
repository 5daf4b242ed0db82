import Foundation
import Glibc
import Synchronization

/// An HTTP server that remembers what it was sent, on a thread of its own. One request a connection.
public final class RecordingServer: Sendable {
    /// What one client sent.
    public struct Request: Sendable {
        /// Method and target, such as `POST /path`.
        public let line: String
        /// The header fields, names in lower case.
        public let headers: [String: String]
        /// The body.
        public let body: String
    }

    private struct State {
        var requests: [Request] = []
        var answers: [Int] = []
        var socket: Int32
    }

    /// The port on the loopback address.
    public let port: Int
    private let state: Mutex<State>

    /// Listens on any free port.
    ///
    /// - Parameter answers: the statuses of the first answers; all that follow are 200.
    public init(answers: [Int] = []) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard listener >= 0 else { throw TestFailure("socket: \(String(cString: strerror(errno)))") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 ? getsockname(listener, $0, &length) : -1
            }
        }
        guard status == 0 else { throw TestFailure("listen: \(String(cString: strerror(errno)))") }
        port = Int(UInt16(bigEndian: address.sin_port))
        state = Mutex(State(answers: answers, socket: listener))
        let thread = Thread { [self] in serve(listener) }
        thread.start()
    }

    /// What came so far.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// Takes no more.
    public func stop() {
        let socket = state.withLock { state in
            defer { state.socket = -1 }
            return state.socket
        }
        // Ends the thread's waiting.
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func serve(_ listener: Int32) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            if let request = Self.read(client) {
                let status = state.withLock { state in
                    state.requests.append(request)
                    return state.answers.isEmpty ? 200 : state.answers.removeFirst()
                }
                let text = "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                _ = send(client, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            }
            close(client)
        }
        close(listener)
    }

    private static func read(_ client: Int32) -> Request? {
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(client, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let lines = text[..<end.lowerBound].split(separator: "\r\n")
            let headers = lines.dropFirst().reduce(into: [String: String]()) { headers, line in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { return }
                headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
            }
            let body = String(text[end.upperBound...])
            guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { continue }
            let words = (lines.first ?? "").split(separator: " ").prefix(2)
            return Request(line: words.joined(separator: " "), headers: headers, body: body)
        }
    }
}
