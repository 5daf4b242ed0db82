import Glibc

/// The files of one container, which the writing side renames at any moment; see ``LogFile``.
///
/// A file is known by its inode, since its name changes. What is opened is what was meant only if the names stood
/// for the same files before and after.
struct LogFileSet {
    struct Member: Equatable {
        let index: Int
        let inode: ino_t
    }

    private static let maximumIndex = 1000
    private static let tries = 8

    let directory: String
    let id: String

    var exists: Bool { !members().isEmpty }

    /// The file that is written now, or else the one that was written last.
    func newest() -> LogFileBlocks? { open { $0.first } }

    /// The file before this one.
    func older(than inode: ino_t) -> LogFileBlocks? {
        open { members in
            guard let place = members.firstIndex(where: { $0.inode == inode }) else { return nil }
            return place + 1 < members.count ? members[place + 1] : nil
        }
    }

    /// The file after this one. When this one has been removed, all that are left are newer.
    func newer(than inode: ino_t) -> LogFileBlocks? {
        open { members in
            guard let place = members.firstIndex(where: { $0.inode == inode }) else { return members.last }
            return place > 0 ? members[place - 1] : nil
        }
    }

    func contains(_ inode: ino_t) -> Bool { members().contains { $0.inode == inode } }

    /// Whether it is the file that the writing side appends to.
    func isWritten(_ inode: ino_t) -> Bool { self.inode(at: 0) == inode }

    /// The files, newest first. Files move to higher names only, and those that move first are the oldest, so none
    /// is missed on the way up; the gap that a renaming leaves is one name wide.
    private func members() -> [Member] {
        var members: [Member] = []
        var gap = 0
        var index = 0
        while gap < 2, index <= Self.maximumIndex {
            if let inode = inode(at: index) {
                members.append(Member(index: index, inode: inode))
                gap = 0
            } else {
                gap += 1
            }
            index += 1
        }
        return members
    }

    private func open(_ choose: ([Member]) -> Member?) -> LogFileBlocks? {
        for _ in 0..<Self.tries {
            let before = members()
            guard let chosen = choose(before) else { return nil }
            guard let file = LogFileBlocks(path: LogFile.path(directory, id: id, index: chosen.index)),
                file.inode == chosen.inode, members() == before
            else { continue }
            return file
        }
        return nil
    }

    private func inode(at index: Int) -> ino_t? {
        var status = stat()
        guard lstat(LogFile.path(directory, id: id, index: index), &status) == 0 else { return nil }
        return status.st_mode & S_IFMT == S_IFREG ? status.st_ino : nil
    }
}
