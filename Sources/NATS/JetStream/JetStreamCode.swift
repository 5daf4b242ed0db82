/// Numbers of the server's errors (nats-server's `errors.json`).
enum JetStreamCode {
    static let streamNameInUse = 10058
    static let wrongSequence = 10071
    /// "no message found", "sequence … not found", and the bare failure of a removal.
    static let noSuchMessage: [NATSError.Code] = [.jetStream(10037), .jetStream(10043), .jetStream(10057)]
}

extension NATSError {
    /// Whether the subject has another last message than was expected, so that nothing was kept.
    public var isWrongSequence: Bool { code == .jetStream(JetStreamCode.wrongSequence) }
}
