import HTTPTypes
import Hummingbird
import Provider

extension ProviderError {
    /// The answer for this error: one status for each code, and the sentence as the body.
    var asTextError: TextError {
        TextError(status, message)
    }

    private var status: HTTPResponse.Status {
        switch code {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .alreadyExists, .inUse: .conflict
        // The client named an image that is not to be had, or whose process ends at once.
        case .imageUnavailable, .startFailed: .badRequest
        case .runtimeUnavailable: .serviceUnavailable
        case .unsupported: .notImplemented
        case .storeFailed, .noRoom: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .internalError: .internalServerError
        }
    }
}
