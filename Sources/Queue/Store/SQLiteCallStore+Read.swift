import GRDB

extension SQLiteCallStore {
    /// One call.
    public func call(_ id: String) async throws -> CallRecord? {
        try await read("read the call") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM calls WHERE id = ?", arguments: [id]).map(CallRecord.init)
        }
    }

    /// Calls, the newest first.
    public func list(_ filter: CallFilter) async throws -> [CallRecord] {
        let (condition, arguments) = filter.condition
        return try await read("list calls") { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM calls WHERE \(condition) ORDER BY number DESC LIMIT ?",
                arguments: arguments + [filter.limit]
            ).map(CallRecord.init)
        }
    }

    /// When the oldest waiting call of each backlog was taken.
    public func oldest() async throws -> [Backlog: Int64] {
        try await read("look at the queue") { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT queue, function, MIN(accepted_at) AS oldest FROM calls WHERE state = 0 GROUP BY 1, 2")
            return try rows.reduce(into: [:]) { $0[try Backlog(row: $1)] = $1["oldest"] }
        }
    }

    private func read<Value: Sendable>(
        _ action: String, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Self.failure(error, doing: action)
        }
    }
}

extension CallFilter {
    /// The filter as SQL; always at least one condition.
    var condition: (sql: String, arguments: StatementArguments) {
        var sql = ["1"]
        var arguments = StatementArguments()
        func add(_ column: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            sql.append(column)
            arguments += [value]
        }
        add("function = ?", function.map { "\($0)" })
        add("queue = ?", queue)
        add("state = ?", state?.rawValue)
        add("number < ?", before)
        return (sql.joined(separator: " AND "), arguments)
    }
}
