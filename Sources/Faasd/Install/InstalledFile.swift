import Foundation
import Provider

/// A file put in place whole or not at all.
enum InstalledFile {
    /// Writes beside the destination and renames, so that a running program is never written into.
    static func write(_ bytes: [UInt8], to path: String, permissions: mode_t) throws {
        do {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try AtomicFile.makeDirectory(directory, permissions: 0o755)
            try AtomicFile.write(bytes, to: path, permissions: permissions)
        } catch {
            throw InstallError("\(error)")
        }
    }

    /// Copies a program, unless it is in its place already.
    ///
    /// - Returns: Whether something was changed.
    static func copyProgram(from source: String, to path: String) throws -> Bool {
        guard let bytes = FileManager.default.contents(atPath: source) else {
            throw InstallError("cannot read \(source)")
        }
        if FileManager.default.contents(atPath: path) == bytes { return false }
        try write(Array(bytes), to: path, permissions: 0o755)
        return true
    }

    /// Removes a file; an absent one is fine.
    static func remove(_ path: String) throws {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw InstallError("cannot remove \(path): \(String(cString: strerror(errno)))")
    }
}

/// Why an installation cannot go on: a sentence for the operator.
struct InstallError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
