import Glibc

/// Looks how much space is left where data and images go.
enum DiskCheck {
    /// A few images.
    static let comfortable: UInt64 = 1 << 30
    /// Not even the databases would live long.
    static let needed: UInt64 = 64 << 20

    static func findings(_ directories: [String]) -> [Finding] {
        directories.compactMap { directory in
            space(directory).map { finding(directory, free: $0.bytes, freeFiles: $0.files) }
        }
    }

    /// - Parameters:
    ///   - free: in bytes.
    ///   - freeFiles: of a hundred that there can be.
    static func finding(_ directory: String, free: UInt64, freeFiles: UInt64 = 100) -> Finding {
        let text = "\(free >> 20) MiB are free for \(directory)"
        let fix = "free some space, such as: apt clean; journalctl --vacuum-size=100M"
        if freeFiles < 1 { return .problem("there is no room for more files in \(directory)", fix: fix) }
        if free < needed { return .problem(text, fix: fix) }
        return free < comfortable || freeFiles < 5 ? .warning(text, fix: fix) : .fine(text)
    }

    /// Of the nearest directory that is there.
    private static func space(_ directory: String) -> (bytes: UInt64, files: UInt64)? {
        var path = directory
        var found = statvfs()
        while statvfs(path, &found) != 0 {
            guard errno == ENOENT, let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        let files = found.f_files == 0 ? 100 : UInt64(found.f_favail) * 100 / UInt64(found.f_files)
        return (UInt64(found.f_bavail) * UInt64(found.f_frsize), files)
    }
}
