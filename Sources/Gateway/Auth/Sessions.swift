import Foundation
import Logging
import Provider

/// The sessions of this gateway's console. They outlive a restart, so that a page which is open goes on.
actor Sessions {
    /// What became of a login.
    enum Login {
        case opened(token: String)
        case refused
        /// Too many tries; the next is looked at after so many seconds.
        case later(seconds: Int)
    }

    /// What is kept of the sessions.
    private struct Kept: Codable {
        /// Tells whether the password is still the one that was logged in with.
        let credentials: String
        let sessions: [SessionTable.Session]
    }

    /// Of wrong passwords, here and where programs send them.
    nonisolated let throttle = PasswordThrottle()

    private let credentials: Credentials
    private let logger: Logger
    private var table: SessionTable

    /// Takes over the sessions of an earlier run.
    init(credentials: Credentials, logger: Logger) {
        self.credentials = credentials
        self.logger = logger
        table = Self.kept(credentials).map { SessionTable(kept: $0, now: Self.now) } ?? SessionTable()
    }

    /// Looks at a name and a password.
    ///
    /// - Parameter address: the client's; `nil` where it has none.
    func login(user: String, password: String, from address: String?) -> Login {
        if let seconds = throttle.wait(address) { return .later(seconds: seconds) }
        guard credentials.match(user: Array(user.utf8), password: Array(password.utf8)) else {
            throttle.failed(address)
            logger.notice("a login to the console failed", metadata: ["address": "\(address ?? "unknown")"])
            return .refused
        }
        throttle.succeeded(address)
        let token = table.open(id: Self.random(bytes: 8), secret: Self.random(bytes: 32), now: Self.now)
        keep()
        return .opened(token: token)
    }

    /// Whether a token opens `/system`.
    func accepts(_ token: String) -> Bool { table.accepts(token, now: Self.now) }

    /// Ends a session.
    func logout(_ token: String) {
        if table.close(token) { keep() }
    }

    private func keep() {
        guard let path = credentials.sessionsPath else { return }
        let kept = Kept(credentials: credentials.checksum, sessions: Array(table.sessions.values))
        do {
            try AtomicFile.write([UInt8](try JSONEncoder().encode(kept)), to: path, permissions: 0o600)
        } catch {
            logger.warning(
                "the console's sessions could not be kept; a restart of the daemon ends them",
                metadata: ["error": "\(error)"])
        }
    }

    private static func kept(_ credentials: Credentials) -> [SessionTable.Session]? {
        guard let path = credentials.sessionsPath, let data = FileManager.default.contents(atPath: path),
            let kept = try? JSONDecoder().decode(Kept.self, from: data), kept.credentials == credentials.checksum
        else { return nil }
        return kept.sessions
    }

    private static var now: Double { Date().timeIntervalSince1970 }

    private static func random(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
