/// The sessions of the console: who has logged in, and until when that counts. A value; time is given.
struct SessionTable: Sendable {
    /// One login.
    struct Session: Codable, Sendable, Equatable {
        /// Finds the session; no secret.
        let id: String
        /// What the holder proves it with.
        let secret: String
        /// Seconds since 1970.
        let openedAt: Double
        /// Seconds since 1970.
        var usedAt: Double
    }

    /// How long a session lasts without a request, in seconds.
    static let idleLimit = 2.0 * 3600
    /// How long a session lasts at all, in seconds.
    static let totalLimit = 24.0 * 3600
    /// The most sessions at once; one more ends the one that was unused for longest.
    static let limit = 64

    private(set) var sessions: [String: Session] = [:]

    init() {}

    /// Takes over sessions that an earlier daemon opened. Its notes do not say when they were used last.
    init(kept: [Session], now: Double) {
        for session in kept.prefix(Self.limit) where now >= session.openedAt {
            sessions[session.id] = Session(
                id: session.id, secret: session.secret, openedAt: session.openedAt, usedAt: now)
        }
        dropEnded(now: now)
    }

    /// Begins a session.
    ///
    /// - Returns: the token that its requests carry: the id, a dot, and the secret.
    mutating func open(id: String, secret: String, now: Double) -> String {
        dropEnded(now: now)
        if sessions.count >= Self.limit, let oldest = sessions.values.min(by: { $0.usedAt < $1.usedAt }) {
            sessions[oldest.id] = nil
        }
        sessions[id] = Session(id: id, secret: secret, openedAt: now, usedAt: now)
        return id + "." + secret
    }

    /// Whether a token is one of a session that has not ended; then its idle time begins anew.
    mutating func accepts(_ token: String, now: Double) -> Bool {
        guard let id = find(token), let session = sessions[id] else { return false }
        guard !Self.hasEnded(session, now: now) else {
            sessions[id] = nil
            return false
        }
        sessions[id]?.usedAt = max(now, session.usedAt)
        return true
    }

    /// Ends the session of a token.
    ///
    /// - Returns: whether there was one.
    mutating func close(_ token: String) -> Bool {
        guard let id = find(token) else { return false }
        sessions[id] = nil
        return true
    }

    private func find(_ token: String) -> String? {
        guard token.utf8.count <= 256 else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let session = sessions[String(parts[0])] else { return nil }
        return BasicAuth.isSame(Array(parts[1].utf8), as: Array(session.secret.utf8)) ? session.id : nil
    }

    private mutating func dropEnded(now: Double) {
        sessions = sessions.filter { !Self.hasEnded($0.value, now: now) }
    }

    private static func hasEnded(_ session: Session, now: Double) -> Bool {
        // A clock that was set back must not make a session last longer than from now on.
        now - session.usedAt > idleLimit || now - session.openedAt > totalLimit || session.openedAt > now + totalLimit
    }
}
