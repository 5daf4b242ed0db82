import OpenFaaSAPI
import Queue

/// A call as `GET /system/async/calls/ID` shows it. Times are RFC 3339 in UTC.
struct AsyncCallStatus: Encodable {
    struct Callback: Encodable {
        let url: String
        let state: String
        let attempts: Int
        let nextAttemptAt: String?
        let error: String?
    }

    let id: String
    let sequence: Int64
    let function: String
    let namespace: String
    let queue: String
    let state: String
    let method: String
    let path: String
    let bytes: Int
    let attempts: Int
    let acceptedAt: String
    let nextAttemptAt: String?
    let startedAt: String?
    let finishedAt: String?
    let status: Int?
    let error: String?
    let durationSeconds: Double?
    let idempotencyKey: String?
    let callback: Callback?

    init(_ call: CallRecord) {
        id = call.id
        sequence = call.number
        function = call.function.name
        namespace = call.function.namespace
        queue = call.queue
        state = call.state.name
        method = call.method
        path = call.target
        bytes = call.bytes
        attempts = call.attempts
        acceptedAt = TimeText.of(call.acceptedAt)
        nextAttemptAt = call.dueAt.map(TimeText.of)
        startedAt = call.startedAt.map(TimeText.of)
        finishedAt = call.finishedAt.map(TimeText.of)
        status = call.status
        error = call.error
        durationSeconds = call.microseconds.map { Double($0) / 1e6 }
        idempotencyKey = call.idempotencyKey
        callback = call.callback.map { callback in
            Callback(
                url: CallbackAddress.withoutPassword(callback.url), state: Self.name(callback.state),
                attempts: callback.attempts, nextAttemptAt: callback.dueAt.map(TimeText.of), error: callback.error)
        }
    }

    private static func name(_ state: CallbackState) -> String {
        switch state {
        case .none: "waiting"
        case .pending: "pending"
        case .sending: "sending"
        case .delivered: "delivered"
        case .failed: "failed"
        }
    }
}
