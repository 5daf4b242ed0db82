/// A limit that ended a request. Answers name it in `X-Faasd-Limit`, the access log in `limit`.
enum Limit: CaseIterable {
    case targetBytes
    case headBytes
    case headFields
    case headTimeout
    case bodyBytes
    case readTimeout
    case upstreamTimeout
    case connectTimeout
    case waitingTimeout
    case waitingCalls
    /// Only in the access log: the connection is reset, so that there is no answer.
    case writeTimeout
    /// Only in the access log: the tunnel is closed.
    case tunnelTimeout

    static let fieldName: StaticString = "X-Faasd-Limit"

    var name: StaticString {
        switch self {
        case .targetBytes: "target-bytes"
        case .headBytes: "head-bytes"
        case .headFields: "head-fields"
        case .headTimeout: "head-timeout"
        case .bodyBytes: "body-bytes"
        case .readTimeout: "read-timeout"
        case .upstreamTimeout: "upstream-timeout"
        case .connectTimeout: "connect-timeout"
        case .waitingTimeout: "waiting-timeout"
        case .waitingCalls: "waiting-calls"
        case .writeTimeout: "write-timeout"
        case .tunnelTimeout: "tunnel-timeout"
        }
    }

    /// The status that a call is answered with, and counted with. 499 stands for a client that is gone.
    var status: Int {
        switch self {
        case .targetBytes: 414
        case .headBytes, .headFields: 431
        case .headTimeout, .readTimeout: 408
        case .bodyBytes: 413
        case .upstreamTimeout: 504
        case .connectTimeout: 502
        case .waitingTimeout, .waitingCalls: 503
        case .writeTimeout: 499
        case .tunnelTimeout: 101
        }
    }
}
