import NIOCore
import OpenFaaSAPI

/// The answers that limits cause: each says which one it was, its value, and what to do.
extension LoopSettings {
    /// - Parameters:
    ///   - limit: the limit that was reached.
    ///   - route: the function's, where the request is a call; it may have times of its own.
    func answer(_ limit: Limit, route: LoopRoute? = nil) -> TextAnswer {
        var answer = TextAnswer(status: limit.status, text: text(limit, route), isInternal: route != nil, limit: limit)
        if limit == .waitingTimeout || limit == .waitingCalls { answer.retryAfter = 1 }
        return answer
    }

    private func text(_ limit: Limit, _ route: LoopRoute?) -> String {
        let (what, advice) = limit.isTime ? timeText(limit, route) : sizeText(limit, route)
        return "\(what): \(limit.name); \(advice)\n"
    }

    private func sizeText(_ limit: Limit, _ route: LoopRoute?) -> (what: String, advice: String) {
        switch limit {
        case .targetBytes:
            (
                "the request's target is longer than \(heads.targetBytes) bytes",
                "shorten path and query, or send the data in the body"
            )
        case .headBytes:
            ("the request's head is longer than \(heads.bytes) bytes", "send fewer or shorter header fields")
        case .headFields:
            ("the request has more than \(heads.fields) header fields", "send fewer")
        case .bodyBytes:
            ("the request's body is longer than \(maxBodyBytes) bytes", "send less, or send it in several requests")
        default:
            (
                "too many calls wait for \(Self.name(route)), at most \(configured.waitingCallsPerFunction) may"
                    + " (\(configured.waitingCalls) for all functions)", "try again later"
            )
        }
    }

    private func timeText(_ limit: Limit, _ route: LoopRoute?) -> (what: String, advice: String) {
        switch limit {
        case .headTimeout:
            ("the request's head did not arrive within \(Self.seconds(headTimeout))", "send it without pauses")
        case .readTimeout:
            (
                "nothing of the request's body arrived for \(Self.seconds(route?.readTimeout ?? readTimeout))",
                "send it without long pauses"
            )
        case .connectTimeout:
            (
                "no replica of \(Self.name(route)) took the connection within \(Self.seconds(connectTimeout))",
                "see whether they are overloaded, or try again later"
            )
        case .waitingTimeout:
            (
                "no replica of \(Self.name(route)) became ready within \(Self.seconds(waitingTimeout))",
                "try again later, or see why it does not start"
            )
        default:
            (
                "the function did not answer within \(Self.seconds(route?.upstreamTimeout ?? upstreamTimeout))",
                "give it a longer exec_timeout or the annotation com.openfaas.timeout"
            )
        }
    }

    private static func name(_ route: LoopRoute?) -> String { route?.name.description ?? "the function" }

    private static func seconds(_ time: TimeAmount) -> String { LocalAnswers.seconds(time) + "s" }
}

extension Limit {
    /// Whether it is a length of time, and not a number of something.
    fileprivate var isTime: Bool {
        switch self {
        case .headTimeout, .readTimeout, .upstreamTimeout, .connectTimeout, .waitingTimeout, .writeTimeout,
            .tunnelTimeout:
            true
        case .targetBytes, .headBytes, .headFields, .bodyBytes, .waitingCalls: false
        }
    }
}
