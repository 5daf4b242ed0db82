import Foundation
import Glibc

/// One folder that files are put into. Others may write there while the daemon is root: nothing is reached by a path but
/// by the folder's descriptor, and no symbolic link is followed.
final class DropDirectory {
    /// The most names that are looked at at once.
    private static let nameLimit = 10_000
    /// A file system that cannot tell whether somebody writes a file is believed after so long without a change.
    private static let settled: Double = 2
    // Of <fcntl.h> with _GNU_SOURCE, which Swift does not see.
    private static let setLease: Int32 = 1024
    private static let setSignal: Int32 = 10

    private let descriptor: Int32

    /// Opens a folder; makes it if it is missing.
    ///
    /// - Throws: ``QueueError`` that says why it cannot be used.
    init(parent: String, name: String) throws(QueueError) {
        let above = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard above >= 0 else { throw Self.failure("open \(parent)") }
        defer { close(above) }
        guard mkdirat(above, name, 0o755) == 0 || errno == EEXIST else { throw Self.failure("make \(parent)/\(name)") }
        descriptor = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open \(parent)/\(name)") }
    }

    /// Opens a folder within another.
    private init(_ name: FileName, in folder: DropDirectory, making: Bool) throws(QueueError) {
        let made = !making || name.withPath { mkdirat(folder.descriptor, $0, 0o755) == 0 || errno == EEXIST }
        guard made else { throw Self.failure("make \(name.encoded)") }
        descriptor = name.withPath {
            openat(folder.descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw Self.failure("open \(name.encoded)") }
    }

    deinit { close(descriptor) }

    /// What lies in it but for hidden names and folders, the oldest first.
    func names() -> [FileName] {
        entries().filter { !$0.name.isHidden && !$0.isFolder }
            .sorted { ($0.modified, $0.name) < ($1.modified, $1.name) }.map(\.name)
    }

    private func entries() -> [(name: FileName, modified: Int64, changed: Int64, isFolder: Bool)] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            return []
        }
        defer { closedir(stream) }
        var found: [(name: FileName, modified: Int64, changed: Int64, isFolder: Bool)] = []
        while found.count < Self.nameLimit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { FileName(Array($0.prefix { $0 != 0 })) }
            var facts = stat()
            let isThere = name.withPath { fstatat(descriptor, $0, &facts, AT_SYMLINK_NOFOLLOW) == 0 }
            guard isThere, name != FileName("."), name != FileName("..") else { continue }
            found.append(
                (
                    name: name, modified: Self.nanoseconds(facts.st_mtim), changed: Self.nanoseconds(facts.st_ctim),
                    isFolder: facts.st_mode & S_IFMT == S_IFDIR
                ))
        }
        return found
    }

    /// Reads a file whole.
    func read(_ name: FileName, limit: Int) -> DroppedFile {
        var facts = stat()
        guard name.withPath({ fstatat(descriptor, $0, &facts, AT_SYMLINK_NOFOLLOW) == 0 }) else { return .none }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: return .none
        case S_IFLNK: return .refused("it is a symbolic link, and those are not followed")
        default: return .refused("it is not a regular file")
        }
        // Whoever may write here could give a name to a file of root's.
        guard facts.st_nlink == 1 else { return .refused("it has another name elsewhere (a hard link)") }
        let file = name.withPath { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        guard file >= 0 else { return errno == ENOENT ? .none : .refused(String(cString: strerror(errno))) }
        defer { close(file) }
        var opened = stat()
        guard fstat(file, &opened) == 0, Self.isSame(opened, facts), opened.st_nlink == 1 else { return .busy }
        guard !Self.isWritten(file, opened) else { return .busy }
        guard Int(opened.st_size) <= limit else {
            return .refused("it has \(opened.st_size) bytes, more than async-max-body-bytes, \(limit)")
        }
        guard let body = Self.readAll(file, limit: limit) else { return .busy }
        guard fstat(file, &facts) == 0, Self.isSame(opened, facts) else { return .busy }
        let key = "drop \(opened.st_dev) \(opened.st_ino) \(Self.nanoseconds(opened.st_mtim)) \(opened.st_size)"
        return .whole(body, key: key)
    }

    /// Whether somebody has the file open to write: then the kernel gives no lease on it (fcntl(2)).
    private static func isWritten(_ file: Int32, _ facts: stat) -> Bool {
        // Whoever opens it just then makes the kernel send a signal; this one is ignored, where that of the default ends
        // the process.
        guard fcntl(file, setSignal, SIGURG) == 0, fcntl(file, setLease, F_RDLCK) == 0 else {
            guard errno == EINVAL || errno == ENOLCK || errno == EOPNOTSUPP else { return true }
            let age = Date().timeIntervalSince1970 - Double(nanoseconds(facts.st_mtim)) / 1e9
            return (0..<settled).contains(age)
        }
        _ = fcntl(file, setLease, F_UNLCK)
        return false
    }

    private static func isSame(_ one: stat, _ other: stat) -> Bool {
        one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size
            && nanoseconds(one.st_mtim) == nanoseconds(other.st_mtim) && one.st_mode == other.st_mode
    }

    private static func readAll(_ file: Int32, limit: Int) -> Data? {
        var body = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while body.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return body }
            body.append(contentsOf: buffer[..<count])
        }
        return nil
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func failure(_ action: String) -> QueueError {
        QueueError(.storeFailed, "the drop folder could not \(action): \(String(cString: strerror(errno)))")
    }
}

extension DropDirectory {
    /// Where files go that were delivered.
    private static let done = FileName(".done")
    /// Where files go that cannot be delivered, each with a file that says why.
    private static let failed = FileName(".failed")
    private static let reasonSuffix = Array(".reason".utf8)

    /// Puts a delivered file aside, in the place of an earlier one of its name.
    ///
    /// - Throws: ``QueueError``; then the file is where it was.
    func finish(_ name: FileName, keeping: Bool) throws(QueueError) {
        if keeping {
            try move(name, into: Self.done)
        } else {
            guard name.withPath({ unlinkat(descriptor, $0, 0) == 0 || errno == ENOENT }) else {
                throw Self.failure("remove \(name.encoded)")
            }
        }
    }

    /// Puts a file aside that cannot be delivered.
    ///
    /// - Throws: ``QueueError``; then the file is where it was.
    func fail(_ name: FileName, reason: String) throws(QueueError) {
        let folder = try move(name, into: Self.failed)
        let note = FileName(name.bytes.prefix(255 - Self.reasonSuffix.count) + Self.reasonSuffix)
        _ = note.withPath { unlinkat(folder.descriptor, $0, 0) }
        let file = note.withPath {
            openat(folder.descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        }
        guard file >= 0 else { throw Self.failure("write \(note.encoded)") }
        let text = Array((reason + "\n").utf8)
        _ = Glibc.write(file, text, text.count)
        close(file)
    }

    @discardableResult
    private func move(_ name: FileName, into aside: FileName) throws(QueueError) -> DropDirectory {
        let folder = try DropDirectory(aside, in: self, making: true)
        let moved = name.withPath { name in renameat(descriptor, name, folder.descriptor, name) == 0 }
        guard moved || errno == ENOENT else { throw Self.failure("move \(name.encoded) to \(aside.encoded)") }
        return folder
    }

    /// Removes delivered files that were put aside before a time, in nanoseconds since 1970.
    func prune(before time: Int64) {
        guard let folder = try? DropDirectory(Self.done, in: self, making: false) else { return }
        for entry in folder.entries() where !entry.isFolder && entry.changed < time {
            _ = entry.name.withPath { unlinkat(folder.descriptor, $0, 0) }
        }
    }
}
