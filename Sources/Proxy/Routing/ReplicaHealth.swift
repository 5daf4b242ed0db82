import NIOCore

/// What the calls of a replica say about it: after some failures in a row it is left out for a while, for longer each
/// time, until a call succeeds.
///
/// A pure value. Whoever asks it decides what being left out means; see ``UpstreamPool/choose(among:except:now:)``.
struct ReplicaHealth {
    /// A replica is left out from now on.
    struct Ejection: Equatable {
        /// How many calls failed in a row.
        let failures: Int
        /// For how long.
        let seconds: Int
    }

    /// The longest time to be left out, in seconds. It begins with one and doubles.
    static let longest = 30

    private var failures = 0
    private var ejections = 0
    private var leftOutUntil = NIODeadline.uptimeNanoseconds(0)
    /// After its time a replica gets one call, and the next ones when that was answered: if it still fails, one call
    /// suffers and not all.
    private var isTried = false

    /// Whether calls are to go to others.
    @inline(__always)
    func isLeftOut(_ now: NIODeadline) -> Bool {
        ejections > 0 && (isTried || now < leftOutUntil)
    }

    mutating func callBegan() {
        if ejections > 0 { isTried = true }
    }

    /// The head of an answer has come, or the call is over in any way.
    mutating func callWentOn() {
        isTried = false
    }

    /// A call has failed by the replica's fault.
    ///
    /// - Parameters:
    ///   - limit: after how many failures in a row it is left out; 0 is never.
    ///   - others: whether there is another one that can be taken in its place.
    /// - Returns: `nil` when it is not left out, or is already: calls that began together fail together.
    mutating func callFailed(now: NIODeadline, limit: Int, others: Bool) -> Ejection? {
        failures += 1
        isTried = false
        guard limit > 0, failures >= limit, others, now >= leftOutUntil else { return nil }
        let seconds = ejections < 5 ? 1 << ejections : Self.longest
        ejections += 1
        leftOutUntil = now + .seconds(Int64(seconds))
        return Ejection(failures: failures, seconds: seconds)
    }

    /// A call was answered to its end.
    ///
    /// - Returns: whether it had been left out before.
    mutating func callSucceeded() -> Bool {
        guard failures > 0 else { return false }
        let wasLeftOut = ejections > 0
        self = ReplicaHealth()
        return wasLeftOut
    }
}
