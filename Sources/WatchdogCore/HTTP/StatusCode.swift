/// The statuses the watchdog gives by itself.
enum StatusCode: Int {
    case ok = 200
    case badRequest = 400
    case methodNotAllowed = 405
    case requestTimeout = 408
    case uriTooLong = 414
    case expectationFailed = 417
    case tooManyRequests = 429
    case headTooLarge = 431
    case internalError = 500
    case notImplemented = 501
    case unavailable = 503
    case gatewayTimeout = 504
    case versionNotSupported = 505

    var reason: StaticString {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .uriTooLong: "URI Too Long"
        case .expectationFailed: "Expectation Failed"
        case .tooManyRequests: "Too Many Requests"
        case .headTooLarge: "Request Header Fields Too Large"
        case .internalError: "Internal Server Error"
        case .notImplemented: "Not Implemented"
        case .unavailable: "Service Unavailable"
        case .gatewayTimeout: "Gateway Timeout"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}

/// Why a request is not taken: a status and a sentence for the client.
struct Rejection: Equatable {
    let status: StatusCode
    let reason: String

    static func malformed(_ reason: String) -> Rejection {
        Rejection(status: .badRequest, reason: reason)
    }
}
