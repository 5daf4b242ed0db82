import Foundation
import OpenFaaSAPI

@testable import Queue

/// Calls as tests need them.
enum Calls {
    static let function = name("f")

    static func name(_ text: String) -> FunctionName {
        do {
            return try FunctionName(text)
        } catch {
            preconditionFailure("\(text) is not a function's name")
        }
    }

    static func make(
        _ id: String = UUID().uuidString, function: FunctionName = function, queue: String = "faas-request",
        body: String = "", callback: String? = nil, key: String? = nil, at time: Int64 = 0
    ) -> QueuedCall {
        QueuedCall(
            id: id, function: function, spelling: function.name, queue: queue,
            request: CallRequest(
                method: "POST", target: "/path?query=1", headers: [HeaderField("X-Test", "a:b")], body: Data(body.utf8)),
            callbackURL: callback, idempotencyKey: key, acceptedAt: time)
    }
}
