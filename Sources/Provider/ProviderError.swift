/// What went wrong when a function was deployed, changed, read or removed.
public struct ProviderError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that a client can tell apart.
    public enum Code: Sendable, CaseIterable {
        /// A field of the request breaks a rule.
        case invalid
        /// The function, or the namespace, is not there.
        case notFound
        /// The function is there already.
        case alreadyExists
        /// Something else needs it.
        case inUse
        /// The image is not to be had: it does not exist, or the registry refuses or does not answer.
        case imageUnavailable
        /// The container could not be started, or its process ended at once.
        case startFailed
        /// containerd does not answer.
        case runtimeUnavailable
        /// The provider cannot do this at all.
        case unsupported
        /// This machine has no room for one more replica: its network has no free address.
        case noRoom
        /// The desired state could not be written to or read from the disk.
        case storeFailed
        /// A defect or an unforeseen state of this machine.
        case internalError
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence for the client: what was wrong and, where there is one, what to do.
    public let message: String

    /// The message.
    public var description: String { message }

    /// Makes an error with a sentence for the client.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func invalid(field: String, _ rule: String) -> ProviderError {
        ProviderError(.invalid, "invalid \(field): \(rule)")
    }
}
