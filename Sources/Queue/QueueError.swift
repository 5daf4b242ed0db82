/// Why a call could not be kept, or not be changed.
public struct QueueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of reasons.
    public enum Code: Sendable, CaseIterable {
        /// The queue holds as much as it may.
        case full
        /// The disk does not take it.
        case storeFailed
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

    static func notFound(_ id: String) -> QueueError {
        QueueError(.notFound, "there is no call \(id.prefix(80)), or no longer")
    }
}
