import Databases
import Foundation
import Glibc

/// The version before, kept until the next upgrade.
struct SavedVersion: Sendable {
    /// Where its files are.
    let directory: String
    /// Where the databases are.
    let dataDirectory: String

    /// Keeps copies of the files, those that are there, each under its own name.
    func save(_ files: [String]) throws {
        for path in files {
            let copy = self.copy(of: path)
            guard let bytes = FileManager.default.contents(atPath: path) else {
                try InstalledFile.remove(copy)
                continue
            }
            try InstalledFile.write(Array(bytes), to: copy, permissions: permissions(path))
        }
        try InstalledFile.write(Array(files.joined(separator: "\n").utf8), to: list, permissions: 0o600)
    }

    /// Puts the files back; those that were not there go.
    ///
    /// - Returns: whether the unit of the sockets was another.
    func restore(socketUnit: String) throws -> Bool {
        let files = String(decoding: FileManager.default.contents(atPath: list) ?? Data(), as: UTF8.self)
        var hasNewSockets = false
        for path in files.split(separator: "\n").map(String.init) {
            let old = FileManager.default.contents(atPath: copy(of: path))
            guard old != FileManager.default.contents(atPath: path) else { continue }
            if path == socketUnit { hasNewSockets = true }
            guard let old else {
                try InstalledFile.remove(path)
                continue
            }
            try InstalledFile.write(Array(old), to: path, permissions: permissions(copy(of: path)))
        }
        return hasNewSockets
    }

    /// Removes the copies of databases that an earlier migration left: from now on a copy is this upgrade's.
    func forgetDatabases() throws {
        for copy in databaseCopies() { try InstalledFile.remove(copy) }
    }

    /// Puts back the databases whose shape was changed. For when no daemon runs.
    ///
    /// - Returns: their names.
    func restoreDatabases() throws -> [String] {
        try databaseCopies().map { copy in
            let path = String(copy.dropLast(KeptMigration.suffix.count))
            // They belong to the newer one.
            for end in ["-wal", "-shm", "-journal"] { try InstalledFile.remove(path + end) }
            guard rename(copy, path) == 0 else {
                throw InstallError("cannot put \(copy) in the place of \(path): \(String(cString: strerror(errno)))")
            }
            return path
        }
    }

    private func databaseCopies() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: dataDirectory)) ?? []
        return names.filter { $0.hasSuffix(".db" + KeptMigration.suffix) }.sorted().map { dataDirectory + "/" + $0 }
    }

    private var list: String { directory + "/files" }

    private func copy(of path: String) -> String { directory + "/" + URL(fileURLWithPath: path).lastPathComponent }

    private func permissions(_ path: String) -> mode_t {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? Int).flatMap { mode_t(exactly: $0) } ?? 0o644
    }
}
