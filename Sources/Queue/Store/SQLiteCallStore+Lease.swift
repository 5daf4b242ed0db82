import Foundation
import GRDB
import OpenFaaSAPI
import Synchronization

extension SQLiteCallStore {
    /// Begins as many due calls as may be.
    public func lease(_ capacity: LeaseCapacity, now: Int64) async throws -> Lease {
        let first = round.add(1, ordering: .relaxed).oldValue
        return try await write("begin calls") { database, counts in
            let waiting = counts.backlogs.filter { $0.value.waiting > 0 }.keys
                .sorted { ($0.queue, "\($0.function)") < ($1.queue, "\($1.function)") }
            var shares = LeaseShares(capacity, among: waiting, first: first)
            var lease = Lease()
            while let (backlog, limit) = shares.next() {
                let calls = try Self.begin(backlog, limit: limit, now: now, database)
                lease.calls += calls
                counts.change(backlog) {
                    $0.waiting -= calls.count
                    $0.running += calls.count
                }
                shares.took(calls.count, of: backlog)
            }
            for backlog in shares.exhausted where counts.backlogs[backlog]?.waiting ?? 0 > 0 {
                guard let due = try Self.nextDue(backlog, database) else { continue }
                lease.nextDue = min(lease.nextDue ?? due, due)
            }
            return .success(lease)
        }
    }

    private static func begin(
        _ backlog: Backlog, limit: Int, now: Int64, _ database: Database
    ) throws -> [LeasedCall] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, id, spelling, method, target, attempts, accepted_at, callback_url, idempotency_key,
                    headers, body
                FROM calls JOIN requests USING (number)
                WHERE state = 0 AND queue = ? AND function = ? AND due_at <= ? ORDER BY due_at, number LIMIT ?
                """)
        let calls = try Row.fetchAll(
            statement, arguments: [backlog.queue, "\(backlog.function)", now, limit]
        ).map { LeasedCall(row: $0, backlog: backlog) }
        let update = try database.cachedStatement(
            sql: "UPDATE calls SET state = 1, attempts = attempts + 1, started_at = ? WHERE number = ?")
        for call in calls { try update.execute(arguments: [now, call.number]) }
        return calls
    }

    private static func nextDue(_ backlog: Backlog, _ database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(
            sql: "SELECT MIN(due_at) FROM calls WHERE state = 0 AND queue = ? AND function = ?")
        return try Int64.fetchOne(statement, arguments: [backlog.queue, "\(backlog.function)"])
    }

    /// Ends an attempt of a call.
    public func finish(_ lease: LeasedCall, _ verdict: CallVerdict, now: Int64) async throws {
        try await write("end the call") { database, counts -> Result<Void, QueueError> in
            switch verdict {
            case .succeeded(let answer, let duration):
                try Self.settle(lease, .succeeded, answer, nil, duration, now, database, &counts)
            case .dead(let reason, let answer, let duration):
                try Self.settle(lease, .dead, answer, reason, duration, now, database, &counts)
            case .retry(let due, let reason, let status, let duration):
                try database.cachedStatement(
                    sql: """
                        UPDATE calls SET state = 0, due_at = ?, error = ?, status = ?, microseconds = ?
                        WHERE number = ? AND state = 1
                        """
                ).execute(arguments: [due, reason, status, duration.microseconds, lease.number])
                guard database.changesCount > 0 else { break }
                counts.change(lease.backlog) {
                    $0.running -= 1
                    $0.waiting += 1
                    $0.retried += 1
                }
            case .released:
                try database.cachedStatement(
                    sql: "UPDATE calls SET state = 0, attempts = attempts - 1 WHERE number = ? AND state = 1"
                ).execute(arguments: [lease.number])
                guard database.changesCount > 0 else { break }
                counts.change(lease.backlog) {
                    $0.running -= 1
                    $0.waiting += 1
                }
            }
            return .success(())
        }
    }

    /// Brings a call to its end. Its answer stays until the callback is taken; the request of a dead letter stays too.
    private static func settle(
        _ lease: LeasedCall, _ state: CallState, _ answer: CallAnswer?, _ reason: String?, _ duration: Duration,
        _ now: Int64, _ database: Database, _ counts: inout QueueCounts
    ) throws {
        let tells = lease.call.callbackURL != nil
        let requestBytes = lease.call.request.byteCount
        let kept = state == .dead ? requestBytes : 0
        let headers = HeaderText.write(answer?.headers ?? [])
        let callback = tells ? CallbackState.pending : .none
        let (tellAt, retiredAt): (Int64?, Int64?) = tells ? (now, nil) : (nil, now)
        let answerBytes = tells ? headers.utf8.count + (answer?.body.count ?? 0) : 0
        try database.cachedStatement(
            sql: """
                UPDATE calls SET state = ?, error = ?, status = ?, microseconds = ?, finished_at = ?, bytes = ?,
                    callback_state = ?, callback_due = ?, answer_bytes = ?, retired_at = ?
                WHERE number = ? AND state = 1
                """
        ).execute(arguments: [
            state.rawValue, reason, answer?.status, duration.microseconds, now, kept,
            callback.rawValue, tellAt, answerBytes, retiredAt, lease.number,
        ])
        guard database.changesCount > 0 else { return }
        if tells {
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO answers (number, headers, body, is_cut) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [lease.number, headers, answer?.body ?? Data(), answer?.isCut ?? false])
        }
        if state != .dead { try Self.deleteRequest(lease.number, database) }
        counts.change(lease.backlog) {
            $0.running -= 1
            $0.ended[state, default: 0] += 1
        }
        counts.bytes += answerBytes - (requestBytes - kept)
        if tells { counts.callbacks += 1 } else { counts.retire(state, bytes: kept) }
    }

    static func deleteRequest(_ number: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM requests WHERE number = ?").execute(arguments: [number])
    }
}

extension LeasedCall {
    var backlog: Backlog { Backlog(queue: call.queue, function: call.function) }
}

extension QueueCounts {
    /// A call is finished in every respect.
    mutating func retire(_ state: CallState, bytes kept: Int) {
        live -= 1
        guard state == .dead else {
            finished += 1
            return
        }
        dead += 1
        deadBytes += kept
        bytes -= kept
    }
}

extension Duration {
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
