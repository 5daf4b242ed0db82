public import Queue

/// What the asynchronous calls of a gateway may do.
public struct AsyncConfiguration: Sendable {
    /// The longest body of a call, in bytes; also the longest answer that a callback is given.
    public var bodyBytes = 1 << 20
    /// How many calls are sent at once.
    public var dispatch = DispatchLimits()
    /// Whether callbacks may go to private, loopback and link-local addresses.
    public var allowsPrivateCallbacks = false

    /// The defaults above.
    public init() {}
}
