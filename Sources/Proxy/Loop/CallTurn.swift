/// Whom a running call waits for, and so whose limit counts. Nobody pays for the slowness of another.
enum CallTurn {
    /// The client does not take the answer as fast as it comes: the write limit.
    case clientTakes
    /// The request's body is not whole, and the replica would take more of it: the read limit. A replica that is silent
    /// meanwhile may be waiting for the body.
    case clientSends
    /// The replica does not take the body, or has all of it and owes bytes of the answer: the upstream limit.
    case replica

    /// - Parameters:
    ///   - requestIsWhole: whether the last byte of the request's body was passed on.
    ///   - replicaTakes: whether the replica's connection takes more bytes.
    ///   - clientTakes: whether the client's connection takes more bytes.
    @inline(__always)
    init(requestIsWhole: Bool, replicaTakes: Bool, clientTakes: Bool) {
        if !clientTakes {
            self = .clientTakes
        } else if !requestIsWhole, replicaTakes {
            self = .clientSends
        } else {
            self = .replica
        }
    }
}
