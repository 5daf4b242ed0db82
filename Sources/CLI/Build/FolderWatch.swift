import Foundation
import Glibc

/// Notices that files were saved.
///
/// The kernel tells that something has happened, a look at the files tells what has changed. On file systems that others
/// write to, the kernel tells nothing, so that there is a look now and then, too.
struct FolderWatch {
    /// What is watched: a folder with all below it, or a file.
    struct Target: Equatable, Sendable {
        /// Several may have one name.
        var name: String
        var path: String
    }

    /// How long nothing must happen: an editor writes several files, or one in several steps.
    private static let quiet = Duration.milliseconds(30)
    private static let maximumFiles = 20_000
    /// Folders that programs write.
    private static let ignored: Set<String> = [".git", "node_modules", "__pycache__", "build", "template"]

    private let targets: [Target]
    private let notices: FileNotices
    private var hints: AsyncStream<Void>.Iterator
    private var seen: [String: Int]

    /// - Throws: ``CLIError`` when the machine has no more watches to give.
    init(_ targets: [Target]) throws {
        self.targets = targets
        notices = try FileNotices()
        hints = notices.hints.makeAsyncIterator()
        seen = Self.fingerprints(targets)
        addFolders()
    }

    /// Waits for a change, and for the end of the saving.
    ///
    /// - Returns: the names of the targets in which something has changed.
    mutating func nextChange() async throws -> Set<String> {
        while true {
            guard await hints.next(isolation: nil) != nil else { throw CancellationError() }
            var now = Self.fingerprints(targets)
            while true {
                try await Task.sleep(for: Self.quiet)
                let next = Self.fingerprints(targets)
                if next == now { break }
                now = next
            }
            // A folder that was made is to be watched as well.
            addFolders()
            let changed = Set(targets.map(\.name).filter { now[$0] != seen[$0] })
            seen = now
            if !changed.isEmpty { return changed }
        }
    }

    private func addFolders() {
        var count = 0
        for target in targets {
            var status = stat()
            guard stat(target.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                // An editor may put another file in the place of this one.
                notices.add((target.path as NSString).deletingLastPathComponent)
                continue
            }
            notices.add(target.path)
            Self.visit(target.path, &count) { path, status in
                if status.st_mode & S_IFMT == S_IFDIR { notices.add(path) }
            }
        }
    }

    private static func fingerprints(_ targets: [Target]) -> [String: Int] {
        var hashers: [String: Hasher] = [:]
        var count = 0
        for target in targets { add(target.path, to: &hashers[target.name, default: Hasher()], &count) }
        return hashers.mapValues { $0.finalize() }
    }

    /// Changes whenever a file, or one below a folder, is made, written, renamed or removed.
    static func fingerprint(of path: String) -> Int {
        var hasher = Hasher()
        var count = 0
        add(path, to: &hasher, &count)
        return hasher.finalize()
    }

    private static func add(_ path: String, to hasher: inout Hasher, _ count: inout Int) {
        func combine(_ path: String, _ status: stat) {
            hasher.combine(path)
            guard status.st_mode & S_IFMT != S_IFDIR else { return }
            hasher.combine(status.st_size)
            hasher.combine(status.st_mtim.tv_sec)
            hasher.combine(status.st_mtim.tv_nsec)
            hasher.combine(status.st_ino)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        combine(path, status)
        if status.st_mode & S_IFMT == S_IFDIR { visit(path, &count, combine) }
    }

    private static func visit(_ folder: String, _ count: inout Int, _ body: (String, stat) -> Void) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where !ignored.contains(name) && !isOfEditor(name) && count < maximumFiles {
            count += 1
            let path = folder + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            body(path, status)
            if status.st_mode & S_IFMT == S_IFDIR { visit(path, &count, body) }
        }
    }

    private static func isOfEditor(_ name: String) -> Bool {
        name.hasSuffix("~") || name.hasSuffix(".swp") || name.hasPrefix(".#") || name == "4913"
    }
}
