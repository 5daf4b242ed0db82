import Foundation
import Glibc

/// Notices that files of folders were saved.
///
/// It looks again and again: a few files of a function cost less than a millisecond, and it works on every file system.
struct FolderWatch {
    private static let interval = Duration.milliseconds(100)
    private static let maximumFiles = 20_000
    /// Folders that programs write, and editors' files.
    private static let ignored: Set<String> = [".git", "node_modules", "__pycache__", "build", "template"]

    private let folders: [(name: String, path: String)]
    private var seen: [String: Int]

    init(folders: [(name: String, path: String)]) {
        self.folders = folders
        seen = Self.fingerprints(folders)
    }

    /// Waits for a change, and for the end of the saving.
    ///
    /// - Returns: the names of the folders in which something has changed.
    mutating func nextChange() async throws -> Set<String> {
        while true {
            try await Task.sleep(for: Self.interval)
            var now = Self.fingerprints(folders)
            guard now != seen else { continue }
            // An editor writes several files, or one in several steps.
            while true {
                try await Task.sleep(for: Self.interval)
                let next = Self.fingerprints(folders)
                if next == now { break }
                now = next
            }
            let changed = Set(folders.map(\.name).filter { now[$0] != seen[$0] })
            seen = now
            if !changed.isEmpty { return changed }
        }
    }

    private static func fingerprints(_ folders: [(name: String, path: String)]) -> [String: Int] {
        Dictionary(folders.map { ($0.name, fingerprint(of: $0.path)) }) { first, _ in first }
    }

    /// Changes whenever a file below a folder is made, written, renamed or removed.
    static func fingerprint(of folder: String) -> Int {
        var hasher = Hasher()
        var count = 0
        visit(folder, &hasher, &count)
        return hasher.finalize()
    }

    private static func visit(_ folder: String, _ hasher: inout Hasher, _ count: inout Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where !ignored.contains(name) && !isOfEditor(name) && count < maximumFiles {
            count += 1
            var status = stat()
            let path = folder + "/" + name
            guard lstat(path, &status) == 0 else { continue }
            hasher.combine(name)
            if status.st_mode & S_IFMT == S_IFDIR {
                visit(path, &hasher, &count)
            } else {
                hasher.combine(status.st_size)
                hasher.combine(status.st_mtim.tv_sec)
                hasher.combine(status.st_mtim.tv_nsec)
                hasher.combine(status.st_ino)
            }
        }
    }

    private static func isOfEditor(_ name: String) -> Bool {
        name.hasSuffix("~") || name.hasSuffix(".swp") || name.hasPrefix(".#") || name == "4913"
    }
}
