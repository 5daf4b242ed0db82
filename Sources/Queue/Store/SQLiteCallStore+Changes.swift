import GRDB

extension SQLiteCallStore {
    /// Calls off a call that waits or runs, and gives its number.
    public func cancel(_ id: String, now: Int64) async throws -> Int64 {
        try await write("cancel the call") { database, counts in
            guard let found = try Self.find(id, database) else { return .failure(.notFound(id)) }
            guard found.state == .waiting || found.state == .running else {
                return .failure(
                    QueueError(
                        .wrongState,
                        "call \(id) is \(found.state.name); only one that waits or runs can be cancelled"))
            }
            try database.execute(
                sql: "UPDATE calls SET state = 4, finished_at = ?, retired_at = ?, bytes = 0 WHERE number = ?",
                arguments: [now, now, found.number])
            try Self.deleteRequest(found.number, database)
            counts.change(Backlog(queue: found.queue, function: found.function)) {
                if found.state == .waiting { $0.waiting -= 1 } else { $0.running -= 1 }
                $0.ended[.cancelled, default: 0] += 1
            }
            counts.bytes -= found.bytes
            counts.retire(.cancelled, bytes: 0)
            return .success(found.number)
        }
    }

    /// Makes a dead letter wait again, with all its attempts.
    public func redrive(_ id: String, now: Int64) async throws {
        let limits = limits
        try await write("redrive the call") { database, counts -> Result<Void, QueueError> in
            guard let found = try Self.find(id, database) else { return .failure(.notFound(id)) }
            guard found.state == .dead else {
                return .failure(
                    QueueError(.wrongState, "call \(id) is \(found.state.name); only a dead one can be redriven"))
            }
            guard found.callback?.state != .pending, found.callback?.state != .sending else {
                return .failure(
                    QueueError(.wrongState, "the callback of call \(id) is still to be taken; try again later"))
            }
            guard try Self.revive(found, limits, now, database, &counts) else {
                return .failure(.full(limits, counts))
            }
            return .success(())
        }
    }

    /// Makes dead letters wait again, and says how many.
    public func redrive(_ filter: CallFilter, now: Int64) async throws -> Int {
        let limits = limits
        return try await write("redrive calls") { database, counts in
            var filter = filter
            filter.state = .dead
            let (condition, arguments) = filter.condition
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM calls WHERE retired_at IS NOT NULL AND \(condition) ORDER BY number LIMIT ?
                    """, arguments: arguments + [filter.limit])
            var count = 0
            for row in rows {
                guard try Self.revive(try CallRecord(row: row), limits, now, database, &counts) else { break }
                count += 1
            }
            return .success(count)
        }
    }

    /// - Returns: whether there was room for it.
    private static func revive(
        _ call: CallRecord, _ limits: QueueLimits, _ now: Int64, _ database: Database, _ counts: inout QueueCounts
    ) throws -> Bool {
        guard counts.live < limits.calls, counts.bytes + call.bytes <= limits.bytes else { return false }
        try database.execute(
            sql: """
                UPDATE calls SET state = 0, attempts = 0, due_at = ?, finished_at = NULL, retired_at = NULL,
                    callback_state = 0, callback_attempts = 0, callback_error = NULL
                WHERE number = ?
                """, arguments: [now, call.number])
        counts.dead -= 1
        counts.deadBytes -= call.bytes
        counts.live += 1
        counts.bytes += call.bytes
        counts.change(Backlog(queue: call.queue, function: call.function)) { $0.waiting += 1 }
        return true
    }

    private static func find(_ id: String, _ database: Database) throws -> CallRecord? {
        try Row.fetchOne(database, sql: "SELECT * FROM calls WHERE id = ?", arguments: [id]).map(CallRecord.init)
    }

    /// Forgets what is kept for long enough, a few hundred calls at a time.
    public func prune(now: Int64) async throws -> Bool {
        let limits = limits
        return try await write("forget old calls") { database, counts in
            let finished = try Self.pruneFinished(limits, now, database, &counts)
            let dead = try Self.pruneDead(limits, now, database, &counts)
            let hasMore = finished == Self.pruneSize || dead == Self.pruneSize
            if !hasMore { try database.execute(sql: "PRAGMA incremental_vacuum(256)") }
            return .success(hasMore)
        }
    }

    /// The most calls that are forgotten in one commit, so that others need not wait long.
    private static let pruneSize = 500

    private static func pruneFinished(
        _ limits: QueueLimits, _ now: Int64, _ database: Database, _ counts: inout QueueCounts
    ) throws -> Int {
        let limit = now - limits.retention.milliseconds
        let excess = counts.finished - limits.finishedCalls
        let numbers = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT number, retired_at FROM calls WHERE retired_at IS NOT NULL AND state <> 3
                    ORDER BY retired_at LIMIT \(pruneSize)
                    """)
        ).enumerated().filter { $0.offset < excess || ($0.element["retired_at"] as Int64) < limit }
            .map { $0.element["number"] as Int64 }
        try delete(numbers, database)
        counts.finished -= numbers.count
        return numbers.count
    }

    private static func pruneDead(
        _ limits: QueueLimits, _ now: Int64, _ database: Database, _ counts: inout QueueCounts
    ) throws -> Int {
        let limit = now - limits.deadRetention.milliseconds
        let oldest = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT number, retired_at, bytes FROM calls WHERE retired_at IS NOT NULL AND state = 3
                    ORDER BY retired_at LIMIT \(pruneSize)
                    """))
        var numbers: [Int64] = []
        for row in oldest {
            let isOver = counts.dead > limits.deadCalls || counts.deadBytes > limits.deadBytes
            guard isOver || (row["retired_at"] as Int64) < limit else { break }
            numbers.append(row["number"])
            counts.dead -= 1
            counts.deadBytes -= row["bytes"] as Int
        }
        try delete(numbers, database)
        return numbers.count
    }

    private static func delete(_ numbers: [Int64], _ database: Database) throws {
        let call = try database.cachedStatement(sql: "DELETE FROM calls WHERE number = ?")
        for number in numbers {
            try call.execute(arguments: [number])
            try deleteRequest(number, database)
        }
    }
}

extension Duration {
    var milliseconds: Int64 { microseconds / 1000 }
}
