/// Why a call could not be kept, or not be changed.
public struct QueueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of reasons.
    public enum Code: Sendable, CaseIterable {
        /// The queue holds as much as it may.
        case full
        /// The disk, or the server that keeps calls, does not take it.
        case storeFailed
        /// The call is longer than the server takes that keeps calls.
        case tooLarge
        /// There is no such call.
        case notFound
        /// The call is not in a state in which this can be done.
        case wrongState
    }

    /// The reason.
    public let code: Code
    /// What was wrong and what to do.
    public let message: String

    /// The message.
    public var description: String { message }

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func full(_ limits: QueueLimits, _ counts: QueueCounts) -> QueueError {
        QueueError(
            .full,
            "the queue is full, with \(counts.live) calls of \(limits.calls) and \(counts.bytes) bytes of "
                + "\(limits.bytes); try again later")
    }

    static func notFound(_ id: String) -> QueueError {
        QueueError(.notFound, "there is no call \(id.prefix(80)), or no longer")
    }
}
