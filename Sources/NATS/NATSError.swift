/// What a NATS server, or the way to it, did not allow.
public struct NATSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of reasons.
    public enum Code: Sendable, Equatable {
        /// The URL of the server cannot be used.
        case badURL
        /// A subject, a queue group or a header is not of the form the protocol asks for.
        case badName
        /// There is no connection now; the client goes on trying to make one.
        case notConnected
        /// The connection broke while an answer was waited for; whether the request was carried out is unknown.
        case connectionLost
        /// No answer came in time; whether the request was carried out is unknown.
        case timedOut
        /// Nobody listens to the subject of a request.
        case noResponders
        /// The message is longer than the server takes.
        case tooLarge
        /// More is waiting than may wait.
        case overloaded
        /// The server does not let us in, or not do this.
        case refused
        /// The server sent what the protocol does not have.
        case protocolViolation
        /// The client was shut down.
        case shutDown
        /// JetStream answered with an error; the number is its `err_code` (0 where it gave none).
        case jetStream(Int)
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

    static func violation(_ what: String) -> NATSError {
        NATSError(.protocolViolation, "the NATS server sent \(what); is it a NATS server?")
    }
}
