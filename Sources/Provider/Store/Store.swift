import Databases
import Foundation
import GRDB
import OpenFaaSAPI

/// The desired state on disk: what was accepted outlives a crash of the daemon and a power cut.
struct Store: Sendable {
    /// What the database holds, read once at start.
    struct Contents: Sendable {
        var functions: [FunctionRecord] = []
        var replicas: [ReplicaRecord] = []
        var namespaces: [NamespaceRecord] = []
        /// Why a row could not be read, a sentence each. The rows stay as they are: a newer or older version
        /// of the daemon may be able to read them.
        var unreadable: [String] = []
    }

    private let database: DatabaseQueue

    /// Opens the database, makes it if it is missing, and brings it to the present shape.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed`.
    init(path: String) throws(ProviderError) {
        do {
            // Environment variables may hold secrets. The files beside it get the same permissions from SQLite, which also
            // says why it cannot be made.
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            }
            var configuration = Configuration()
            configuration.journalMode = .wal
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { database in
                // An accepted deployment must survive a power cut: WAL alone may lose the last commits. It must come
                // after the opening, which sets NORMAL for WAL.
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            try KeptMigration.migrate(database, with: Migrations.migrator, path: path)
        } catch {
            throw Self.failure(error, doing: "open \(path)")
        }
    }

    func contents() async throws(ProviderError) -> Contents {
        try await perform("read the functions") { queue in
            try await queue.read { database in
                var contents = Contents()
                for row in try Row.fetchAll(database, sql: "SELECT * FROM functions") {
                    do {
                        contents.functions.append(try FunctionRecord(row: row))
                    } catch {
                        contents.unreadable.append("function \(row["name"] as String): \(error)")
                    }
                }
                contents.replicas = try Row.fetchAll(database, sql: "SELECT * FROM replicas").map(ReplicaRecord.init)
                contents.namespaces = try Row.fetchAll(database, sql: "SELECT * FROM namespaces")
                    .map(NamespaceRecord.init)
                return contents
            }
        }
    }

    func save(_ function: FunctionRecord) async throws(ProviderError) {
        try await perform("save the function") { queue in
            try await queue.write { try function.save(in: $0) }
        }
    }

    func remove(_ name: FunctionName) async throws(ProviderError) {
        try await perform("remove the function") { queue in
            try await queue.write { database in
                try database.execute(
                    sql: "DELETE FROM functions WHERE namespace = ? AND name = ?",
                    arguments: [name.namespace, name.name])
            }
        }
    }

    func insert(_ replica: ReplicaRecord) async throws(ProviderError) {
        try await perform("save the replica") { queue in
            try await queue.write { try replica.insert(in: $0) }
        }
    }

    func setAddress(_ address: String, ofReplica id: String) async throws(ProviderError) {
        try await perform("save the replica's address") { queue in
            try await queue.write { database in
                try database.execute(sql: "UPDATE replicas SET address = ? WHERE id = ?", arguments: [address, id])
            }
        }
    }

    func removeReplica(_ id: String) async throws(ProviderError) {
        try await perform("remove the replica") { queue in
            try await queue.write { database in
                try database.execute(sql: "DELETE FROM replicas WHERE id = ?", arguments: [id])
            }
        }
    }

    func save(_ namespace: NamespaceRecord) async throws(ProviderError) {
        try await perform("save the namespace") { queue in
            try await queue.write { try namespace.save(in: $0) }
        }
    }

    func removeNamespace(_ name: String) async throws(ProviderError) {
        try await perform("remove the namespace") { queue in
            try await queue.write { database in
                try database.execute(sql: "DELETE FROM namespaces WHERE name = ?", arguments: [name])
            }
        }
    }

    private func perform<Result: Sendable>(
        _ action: String, _ body: (DatabaseQueue) async throws -> Result
    ) async throws(ProviderError) -> Result {
        do {
            return try await body(database)
        } catch {
            throw Self.failure(error, doing: action)
        }
    }

    private static func failure(_ error: any Error, doing action: String) -> ProviderError {
        // SQLite's own words blame the database as well as the disk, and quote the statement.
        let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
        return ProviderError(
            .storeFailed, "the database could not \(action): \(isFull ? AtomicFile.diskIsFull : "\(error)")")
    }
}
