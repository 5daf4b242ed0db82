import GRDB

extension SQLiteCallStore {
    /// Begins due callbacks.
    public func leaseCallbacks(limit: Int, now: Int64) async throws -> CallbackLease {
        try await write("begin callbacks") { database, _ in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT number, id, spelling, callback_url, status, microseconds, attempts, callback_attempts, headers,
                        body, is_cut
                    FROM calls JOIN answers USING (number)
                    WHERE callback_state = 1 AND callback_due <= ? ORDER BY callback_due LIMIT ?
                    """)
            var lease = CallbackLease()
            lease.callbacks = try Row.fetchAll(statement, arguments: [now, limit]).map(LeasedCallback.init)
            let update = try database.cachedStatement(
                sql: """
                    UPDATE calls SET callback_state = 2, callback_attempts = callback_attempts + 1 WHERE number = ?
                    """)
            for callback in lease.callbacks { try update.execute(arguments: [callback.number]) }
            if lease.callbacks.count < limit {
                lease.nextDue = try Int64.fetchOne(
                    database.cachedStatement(sql: "SELECT MIN(callback_due) FROM calls WHERE callback_state = 1"))
            }
            return .success(lease)
        }
    }

    /// Ends an attempt of a callback.
    public func finish(_ lease: LeasedCallback, _ verdict: CallbackVerdict, now: Int64) async throws {
        try await write("end the callback") { database, counts -> Result<Void, QueueError> in
            switch verdict {
            case .delivered:
                try Self.retire(lease.number, .delivered, nil, now, database, &counts)
            case .failed(let reason):
                try Self.retire(lease.number, .failed, reason, now, database, &counts)
            case .retry(let due, let reason):
                try database.cachedStatement(
                    sql: """
                        UPDATE calls SET callback_state = 1, callback_due = ?, callback_error = ?
                        WHERE number = ? AND callback_state = 2
                        """
                ).execute(arguments: [due, reason, lease.number])
            case .released:
                try database.cachedStatement(
                    sql: """
                        UPDATE calls SET callback_state = 1, callback_attempts = callback_attempts - 1
                        WHERE number = ? AND callback_state = 2
                        """
                ).execute(arguments: [lease.number])
            }
            return .success(())
        }
    }

    private static func retire(
        _ number: Int64, _ callback: CallbackState, _ reason: String?, _ now: Int64, _ database: Database,
        _ counts: inout QueueCounts
    ) throws {
        let select = try database.cachedStatement(
            sql: "SELECT state, bytes, answer_bytes FROM calls WHERE number = ? AND callback_state = 2")
        guard let row = try Row.fetchOne(select, arguments: [number]), let state = CallState(rawValue: row["state"])
        else { return }
        try database.cachedStatement(
            sql: """
                UPDATE calls SET callback_state = ?, callback_due = NULL, callback_error = ?, answer_bytes = 0,
                    retired_at = ?
                WHERE number = ?
                """
        ).execute(arguments: [callback.rawValue, reason, now, number])
        try database.cachedStatement(sql: "DELETE FROM answers WHERE number = ?").execute(arguments: [number])
        counts.callbacks -= 1
        counts.bytes -= row["answer_bytes"] as Int
        counts.retire(state, bytes: row["bytes"])
    }
}
