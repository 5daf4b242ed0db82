import HTTPTypes
import Hummingbird
import Queue

extension QueueError {
    /// The answer for this error: one status for each code, and the sentence as the body.
    var asTextError: TextError {
        switch code {
        // Nothing was kept: the client still has the call and may try again.
        case .full, .storeFailed: TextError(.serviceUnavailable, message, headers: [.retryAfter: "5"])
        case .tooLarge: TextError(.contentTooLarge, message)
        case .notFound: TextError(.notFound, message)
        case .wrongState: TextError(.conflict, message)
        }
    }
}
