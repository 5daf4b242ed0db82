public import OpenFaaSAPI

/// Sends calls to functions.
public protocol CallSender: Sendable {
    /// Sends a call once, and waits for the whole answer. It ends early when its task is cancelled.
    func send(_ call: QueuedCall) async -> SendOutcome
}

/// Sends results to where callers want them.
public protocol CallbackSender: Sendable {
    /// Sends a result once. It ends early when its task is cancelled.
    ///
    /// - Parameter maximumAttempts: how often the call would have been sent at most (`X-Retry-Max`).
    func send(_ callback: LeasedCallback, maximumAttempts: Int) async -> CallbackOutcome
}

/// What came of sending a result once.
public enum CallbackOutcome: Sendable, Equatable {
    /// It was taken.
    case delivered
    /// It was not; it may be otherwise next time.
    case failed(String)
    /// It was not and never will be, such as one to an address that is not allowed.
    case refused(String)
    /// Nothing was decided, because whoever sends is ending.
    case interrupted
}

/// Knows what functions say about their calls.
public protocol CallSettings: Sendable {
    /// What a function says; the defaults for one that is not there or of which nothing can be learnt now.
    func settings(of function: FunctionName) async -> AsyncSettings
}
