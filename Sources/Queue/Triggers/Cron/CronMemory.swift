import Databases
import Foundation
import GRDB
import OpenFaaSAPI

/// Keeps what is remembered of schedules, in a SQLite file of its own.
public final class CronMemory: Sendable {
    private let database: DatabaseQueue

    /// Opens the file, and makes it if it is missing.
    ///
    /// - Throws: ``QueueError`` with code `storeFailed`.
    public init(path: String) throws {
        do {
            // For root alone, as the other databases.
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            }
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            database = try DatabaseQueue(path: path, configuration: configuration)
            var migrator = DatabaseMigrator()
            migrator.registerMigration("cron") { database in
                try database.execute(
                    sql: """
                        CREATE TABLE cron (
                            function TEXT PRIMARY KEY,
                            fingerprint TEXT NOT NULL,
                            handled INTEGER NOT NULL,
                            last_run INTEGER,
                            last_call TEXT
                        ) STRICT;
                        """)
            }
            try KeptMigration.migrate(database, with: migrator, path: path)
        } catch {
            throw QueueError(.storeFailed, "the memory of schedules, \(path), cannot be opened: \(error)")
        }
    }

    /// Closes the file; nothing may be asked of it afterwards.
    public func close() throws {
        try database.close()
    }

    /// All that is remembered.
    func load() async throws -> [FunctionName: CronMemo] {
        try await database.read { database in
            var memos: [FunctionName: CronMemo] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT * FROM cron") {
                guard let name = try? FunctionName(qualified: row["function"] as String) else { continue }
                memos[name] = CronMemo(
                    fingerprint: row["fingerprint"], handled: row["handled"], lastRun: row["last_run"],
                    lastCall: row["last_call"])
            }
            return memos
        }
    }

    /// Remembers and forgets, in one commit.
    func save(_ memos: [FunctionName: CronMemo], forgetting gone: [FunctionName] = []) async throws {
        guard !memos.isEmpty || !gone.isEmpty else { return }
        try await database.write { database in
            let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO cron VALUES (?, ?, ?, ?, ?)")
            for (name, memo) in memos {
                try insert.execute(arguments: [
                    "\(name)", memo.fingerprint, memo.handled, memo.lastRun, memo.lastCall,
                ])
            }
            let delete = try database.cachedStatement(sql: "DELETE FROM cron WHERE function = ?")
            for name in gone { try delete.execute(arguments: ["\(name)"]) }
        }
    }
}
