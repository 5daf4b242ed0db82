import Foundation
import Synchronization

/// Slows down who guesses the password of the API: each client's address by itself, so that nobody can lock out others.
///
/// Clients on this machine are not slowed down: who is here can read the password, or stands behind a reverse proxy and
/// has the address of all its clients.
final class PasswordThrottle: Sendable {
    private let table = Mutex(Table())

    /// How many seconds a client must wait before its password is looked at; `nil` when it is at once.
    func wait(_ address: String?) -> Int? {
        guard let key = Self.key(address) else { return nil }
        return table.withLock { $0.wait(key, now: Self.now) }.map { max(1, Int($0.rounded(.up))) }
    }

    /// A client gave a wrong password.
    func failed(_ address: String?) {
        guard let key = Self.key(address) else { return }
        table.withLock { $0.failed(key, now: Self.now) }
    }

    /// A client gave the right one.
    func succeeded(_ address: String?) {
        guard let key = Self.key(address) else { return }
        table.withLock { $0.succeeded(key) }
    }

    /// What clients are told apart by: of IPv6 the network, as one client has all addresses of it (RFC 4291 §2.5.4).
    static func key(_ address: String?) -> String? {
        guard let address, !address.hasPrefix("127."), address != "::1" else { return nil }
        var bytes = in6_addr()
        guard address.contains(":"), inet_pton(AF_INET6, address.prefix { $0 != "%" }.description, &bytes) == 1 else {
            return address
        }
        return withUnsafeBytes(of: &bytes) { $0.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") }
    }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }

    /// The failures of each client. A value; time is given, in seconds.
    struct Table: Sendable {
        /// Wrong passwords within ``window`` before more are refused unseen.
        static let limit = 10
        /// Seconds, from the first wrong password on.
        static let window = 60.0
        /// The most clients that are remembered; one more puts out the one that has failed least lately.
        static let clients = 4096

        private struct Failures {
            var count: Int
            var since: Double
            var last: Double
        }

        private var failures: [String: Failures] = [:]

        init() {}

        mutating func wait(_ client: String, now: Double) -> Double? {
            guard let found = failures[client] else { return nil }
            guard now - found.since < Self.window else {
                failures[client] = nil
                return nil
            }
            return found.count >= Self.limit ? found.since + Self.window - now : nil
        }

        mutating func failed(_ client: String, now: Double) {
            if var found = failures[client], now - found.since < Self.window {
                found.count += 1
                found.last = now
                failures[client] = found
                return
            }
            if failures.count >= Self.clients {
                failures = failures.filter { now - $0.value.since < Self.window }
                if failures.count >= Self.clients, let oldest = failures.min(by: { $0.value.last < $1.value.last }) {
                    failures[oldest.key] = nil
                }
            }
            failures[client] = Failures(count: 1, since: now, last: now)
        }

        mutating func succeeded(_ client: String) { failures[client] = nil }
    }
}
