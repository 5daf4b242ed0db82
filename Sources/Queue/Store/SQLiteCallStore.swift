import Databases
import Foundation
import GRDB
import Synchronization

/// Keeps calls in a SQLite file of its own, written by one writer that commits for many at once.
public final class SQLiteCallStore: CallStore {
    let limits: QueueLimits
    let database: DatabasePool
    let commits: GroupCommit
    /// Which backlog is looked at first, so that none is always last.
    let round = Atomic(0)

    /// Opens the file, makes it if it is missing, and takes back what an earlier run of the daemon had begun.
    ///
    /// - Throws: ``QueueError`` with code `storeFailed`.
    public init(path: String, limits: QueueLimits = QueueLimits()) throws {
        self.limits = limits
        do {
            // Bodies may hold secrets. The files beside it get the same permissions from SQLite, which also says why
            // it cannot be made.
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            }
            var configuration = Configuration()
            configuration.maximumReaderCount = 2
            configuration.prepareDatabase { database in
                guard !database.configuration.readonly else { return }
                // What a burst needed is given back to the disk by pruning.
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            database = try DatabasePool(path: path, configuration: configuration)
            try database.writeWithoutTransaction { database in
                // GRDB's own choice for WAL, NORMAL, may lose the last commits in a power cut.
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            try KeptMigration.migrate(database, with: QueueMigrations.migrator, path: path)
            commits = GroupCommit(
                database: database, counts: try database.write { try Self.takeOver($0) },
                unwrittenBytes: limits.unwrittenBytes)
        } catch {
            throw Self.failure(error, doing: "open \(path)")
        }
    }

    /// Whoever had begun a call is gone, so the call waits again. Whether it ran is unknown, so it may run twice.
    private static func takeOver(_ database: Database) throws -> QueueCounts {
        try database.execute(
            sql: """
                UPDATE calls SET state = 0, error = 'the daemon ended while the call was running' WHERE state = 1;
                UPDATE calls SET callback_state = 1 WHERE callback_state = 2;
                """)
        var counts = QueueCounts()
        let waiting = try Row.fetchAll(
            database, sql: "SELECT queue, function, COUNT(*) AS count FROM calls WHERE state = 0 GROUP BY 1, 2")
        for row in waiting { counts.change(try Backlog(row: row)) { $0.waiting = row["count"] } }
        func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
        counts.live = try number("SELECT COUNT(*) FROM calls WHERE retired_at IS NULL")
        counts.bytes = try number("SELECT SUM(bytes + answer_bytes) FROM calls WHERE retired_at IS NULL")
        counts.callbacks = try number("SELECT COUNT(*) FROM calls WHERE callback_state = 1")
        counts.finished = try number("SELECT COUNT(*) FROM calls WHERE retired_at IS NOT NULL AND state <> 3")
        counts.dead = try number("SELECT COUNT(*) FROM calls WHERE retired_at IS NOT NULL AND state = 3")
        counts.deadBytes = try number("SELECT SUM(bytes) FROM calls WHERE retired_at IS NOT NULL AND state = 3")
        return counts
    }

    /// Closes the file; nothing may be asked of the store afterwards.
    public func close() async throws {
        try database.close()
    }

    /// There is nobody else at work on the file.
    public var news: AsyncStream<StoreNews> { AsyncStream { $0.finish() } }

    /// There is nothing to do besides.
    public func run() async {}

    /// How many calls there are, as of the last commit.
    public func counts() -> QueueCounts { commits.counts }

    /// Functions that have calls waiting.
    public func backlogs() -> [Backlog] {
        commits.counts.backlogs.filter { $0.value.waiting > 0 }.map(\.key)
    }

    /// Keeps a call; returns after the commit.
    public func append(_ call: QueuedCall) async throws -> Appended {
        let limits = limits
        let bytes = call.request.byteCount
        return try await write("keep the call", bytes: bytes) { database, counts in
            if let earlier = try Self.earlier(call, database) {
                return .success(Appended(id: earlier, isRepeated: true))
            }
            guard counts.live < limits.calls, counts.bytes + bytes <= limits.bytes else {
                return .failure(.full(limits, counts))
            }
            let (id, number) = try Self.insert(call, bytes: bytes, database)
            try database.cachedStatement(sql: "INSERT INTO requests (number, headers, body) VALUES (?, ?, ?)")
                .execute(arguments: [number, HeaderText.write(call.request.headers), call.request.body])
            counts.live += 1
            counts.bytes += bytes
            counts.change(Backlog(queue: call.queue, function: call.function)) {
                $0.waiting += 1
                $0.submitted += 1
            }
            return .success(Appended(id: id, isRepeated: false))
        }
    }

    private static func earlier(_ call: QueuedCall, _ database: Database) throws -> String? {
        guard let key = call.idempotencyKey else { return nil }
        let statement = try database.cachedStatement(
            sql: "SELECT id FROM calls WHERE function = ? AND idempotency_key = ?")
        return try String.fetchOne(statement, arguments: ["\(call.function)", key])
    }

    /// A client may name a call as another was named, such as one that a chain of calls hands on. Both are kept.
    private static func insert(
        _ call: QueuedCall, bytes: Int, _ database: Database
    ) throws -> (id: String, number: Int64) {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO calls (id, function, spelling, queue, method, target, bytes, accepted_at, due_at,
                    idempotency_key, callback_url)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """)
        var id = call.id
        while true {
            try statement.execute(arguments: [
                id, "\(call.function)", call.spelling, call.queue, call.request.method, call.request.target, bytes,
                call.acceptedAt, call.acceptedAt, call.idempotencyKey, call.callbackURL,
            ])
            if database.changesCount > 0 { return (id, database.lastInsertedRowID) }
            id = UUID().uuidString.lowercased()
        }
    }

    /// Writes with the next commit.
    func write<Value: Sendable>(
        _ action: String, bytes: Int = 0,
        _ body: @escaping @Sendable (Database, inout QueueCounts) throws -> Result<Value, QueueError>
    ) async throws -> Value {
        do {
            return try await commits.write(bytes: bytes, body).get()
        } catch {
            throw Self.failure(error, doing: action)
        }
    }

    static func failure(_ error: any Error, doing action: String) -> QueueError {
        if let error = error as? QueueError { return error }
        // SQLite's own words blame the database as well as the disk, and quote the statement.
        let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
        let reason = isFull ? "the disk is full; free some space" : "\(error)"
        return QueueError(.storeFailed, "the queue could not \(action): \(reason)")
    }
}
