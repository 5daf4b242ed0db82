import Foundation
public import GRDB

/// Brings a database to its present shape, and keeps what it was: the program that made it can go on with the copy.
public enum KeptMigration {
    /// Ends the name of the copy, which stands beside the database until the next one takes its place.
    public static let suffix = ".before-migration"

    /// Runs the steps that are missing.
    ///
    /// - Parameters:
    ///   - database: opened by nobody else.
    ///   - migrator: all steps there are.
    ///   - path: the database's file.
    /// - Throws: what SQLite says; then the database has the shape of the last step that succeeded.
    public static func migrate(
        _ database: some DatabaseWriter, with migrator: DatabaseMigrator, path: String
    ) throws {
        let isOlder = try database.read { database in
            // A new database has nothing to keep.
            try !migrator.appliedIdentifiers(database).isEmpty && !migrator.hasCompletedMigrations(database)
        }
        if isOlder { try copy(database, to: path + suffix) }
        try migrator.migrate(database)
    }

    private static func copy(_ database: some DatabaseWriter, to path: String) throws {
        for end in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: path + end) }
        // For root alone, as the database itself.
        _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        let copy = try DatabaseQueue(path: path)
        try database.backup(to: copy)
        try copy.close()
    }
}
