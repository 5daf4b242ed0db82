import Foundation
import GRDB

/// Looks whether a file is a whole database, without changing what is in it.
public enum DatabaseCheck {
    /// What is wrong with a database; `nil` for one that is whole, or is not there.
    ///
    /// It may be in use by a daemon. All of it is read.
    ///
    /// - Parameter path: the file.
    /// - Returns: a part of a sentence, SQLite's own words.
    public static func damage(of path: String) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            // A daemon that writes just now is waited for.
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let lines = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(3)") }
            try queue.close()
            return lines == ["ok"] ? nil : lines.joined(separator: "; ").replacing("\n", with: " ")
        } catch let error as DatabaseError {
            return error.message ?? "\(error.resultCode)"
        } catch {
            return "\(error)"
        }
    }
}
