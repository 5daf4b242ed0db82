// The headers of libsystemd declare `timespec` to Swift.
import CSystemd
import Glibc

/// Keeps the number of containers with files under one name bounded.
enum LogPruner {
    /// Removes the files of the containers that wrote longest ago, until `keeping` are left.
    ///
    /// Files that a collector still writes are locked by it, and stay.
    static func prune(directory: String, keeping: Int) {
        let ids = newestFirst(in: directory)
        for id in ids.dropFirst(keeping) {
            let path = LogFile.path(directory, id: id, index: 0)
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            var index = 0
            while unlink(LogFile.path(directory, id: id, index: index)) == 0 { index += 1 }
        }
    }

    private static func newestFirst(in directory: String) -> [String] {
        var found: [(id: String, seconds: Int, nanoseconds: Int)] = []
        for name in DirectoryContents.names(in: directory) {
            var status = stat()
            guard name.hasSuffix(".log"), lstat("\(directory)/\(name)", &status) == 0 else { continue }
            found.append((String(name.dropLast(4)), status.st_mtim.tv_sec, status.st_mtim.tv_nsec))
        }
        return found.sorted { ($0.seconds, $0.nanoseconds) > ($1.seconds, $1.nanoseconds) }.map(\.id)
    }
}
