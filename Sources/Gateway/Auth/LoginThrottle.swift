/// Slows down who guesses passwords at the login of the console. A value; time is given.
struct LoginThrottle: Sendable {
    /// Failed logins of one address within ``window`` before more are refused.
    static let limitPerAddress = 10
    /// Failed logins of all addresses together within ``window``.
    static let limitInAll = 100
    /// Seconds after which a failed login is forgotten.
    static let window = 60.0

    private struct Failure {
        let address: String
        let time: Double
    }

    /// In the order of time; never more than ``limitInAll``, as there are no further ones then.
    private var failures: [Failure] = []

    init() {}

    /// How many seconds an address must wait before it may try; `nil` when it may now.
    mutating func wait(_ address: String, now: Double) -> Double? {
        failures.removeAll { now - $0.time >= Self.window || $0.time > now }
        let own = failures.filter { $0.address == address }
        let full = failures.count >= Self.limitInAll ? failures.first : nil
        let ownFull = own.count >= Self.limitPerAddress ? own.first : nil
        guard let blocking = [full, ownFull].compactMap(\.?.time).max() else { return nil }
        return blocking + Self.window - now
    }

    /// A login has failed.
    mutating func failed(_ address: String, now: Double) {
        failures.append(Failure(address: address, time: now))
    }

    /// A login has succeeded: whoever sits at that address knows the password.
    mutating func succeeded(_ address: String) {
        failures.removeAll { $0.address == address }
    }
}
