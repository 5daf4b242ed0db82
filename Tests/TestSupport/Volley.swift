import Foundation
import Glibc

/// Calls that are sent at one moment over connections which were opened before.
public struct Volley: Sendable {
    /// What came back for one call.
    public struct Answer: Sendable {
        /// The status code; 0 when there was no answer.
        public let status: Int
        /// The body.
        public let body: String
    }

    private let sockets: [Int32]

    /// Opens connections to the gateway.
    public init(on daemon: Daemon, count: Int) throws {
        var opened: [Int32] = []
        for _ in 0..<count {
            guard let socket = LoopbackSocket.connect(UInt16(daemon.port)) else {
                throw TestFailure("connect: \(String(cString: strerror(errno)))")
            }
            opened.append(socket)
        }
        sockets = opened
    }

    /// Sends one call over each connection, waits for all answers, and closes the connections.
    ///
    /// - Parameter body: the body of each call.
    public func fire(_ path: String, body: @escaping @Sendable (Int) -> String) async -> [Answer] {
        await withCheckedContinuation { continuation in
            // A thread of its own, because it blocks.
            Thread { continuation.resume(returning: exchange(path, body)) }.start()
        }
    }

    private func exchange(_ path: String, _ body: (Int) -> String) -> [Answer] {
        for (number, socket) in sockets.enumerated() {
            let text = body(number)
            let request =
                "POST \(path) HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
            // It fits into the empty buffer of the socket.
            _ = send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL))
        }
        return sockets.map { socket in
            let answer = Self.answer(Self.receive(socket))
            close(socket)
            return answer
        }
    }

    private static func receive(_ socket: Int32) -> [UInt8] {
        var received: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { return received }
            received += piece[..<count]
        }
    }

    /// The connection's end is the body's, which is longer only by the framing of chunks.
    private static func answer(_ bytes: [UInt8]) -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return Answer(status: 0, body: text) }
        let head = text[..<end.lowerBound].lowercased()
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let body = text[end.upperBound...]
        guard head.contains("transfer-encoding: chunked") else { return Answer(status: status, body: String(body)) }
        let lines = body.components(separatedBy: "\r\n")
        return Answer(status: status, body: stride(from: 1, to: lines.count, by: 2).map { lines[$0] }.joined())
    }
}
