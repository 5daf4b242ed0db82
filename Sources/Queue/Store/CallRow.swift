import Foundation
import GRDB
import OpenFaaSAPI

extension Backlog {
    init(row: Row) throws {
        self.init(queue: row["queue"], function: try FunctionName(qualified: row["function"] as String))
    }
}

extension CallRecord {
    init(row: Row) throws {
        number = row["number"]
        id = row["id"]
        function = try FunctionName(qualified: row["function"] as String)
        queue = row["queue"]
        let state: CallState = try Self.known(row["state"], "state")
        self.state = state
        method = row["method"]
        target = row["target"]
        bytes = row["bytes"]
        attempts = row["attempts"]
        acceptedAt = row["accepted_at"]
        dueAt = state == .waiting ? row["due_at"] : nil
        startedAt = row["started_at"]
        finishedAt = row["finished_at"]
        status = row["status"]
        error = row["error"]
        microseconds = row["microseconds"]
        idempotencyKey = row["idempotency_key"]
        callback = try (row["callback_url"] as String?).map { url in
            Callback(
                url: url, state: try Self.known(row["callback_state"], "callback state"),
                attempts: row["callback_attempts"], dueAt: row["callback_due"], error: row["callback_error"])
        }
    }

    private static func known<State: RawRepresentable>(_ number: Int, _ what: String) throws -> State
    where State.RawValue == Int {
        guard let state = State(rawValue: number) else {
            throw QueueError(
                .storeFailed, "the queue's file has the \(what) \(number), which this version does not know")
        }
        return state
    }
}

extension LeasedCall {
    init(row: Row, backlog: Backlog) {
        number = row["number"]
        attempt = (row["attempts"] as Int) + 1
        call = QueuedCall(
            id: row["id"], function: backlog.function, spelling: row["spelling"], queue: backlog.queue,
            request: CallRequest(
                method: row["method"], target: row["target"], headers: HeaderText.read(row["headers"]),
                body: row["body"]),
            callbackURL: row["callback_url"], idempotencyKey: row["idempotency_key"], acceptedAt: row["accepted_at"])
    }
}

extension LeasedCallback {
    init(row: Row) {
        number = row["number"]
        id = row["id"]
        spelling = row["spelling"]
        url = row["callback_url"]
        // OpenFaaS's queue worker says 503 where there was no answer.
        answer = CallAnswer(
            status: row["status"] as Int? ?? 503, headers: HeaderText.read(row["headers"]), body: row["body"],
            isCut: row["is_cut"])
        duration = .microseconds(row["microseconds"] as Int64? ?? 0)
        attempts = row["attempts"]
        callbackAttempt = (row["callback_attempts"] as Int) + 1
    }
}
