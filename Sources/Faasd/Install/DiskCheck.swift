import Glibc

/// Looks how much space is left where data and images go.
enum DiskCheck {
    /// A few images.
    static let comfortable: UInt64 = 1 << 30
    /// Not even the databases would live long.
    static let needed: UInt64 = 64 << 20

    static func findings(_ directories: [String]) -> [Finding] {
        directories.compactMap { directory in space(directory).map { finding(directory, free: $0) } }
    }

    static func finding(_ directory: String, free: UInt64) -> Finding {
        let text = "\(free >> 20) MiB are free for \(directory)"
        let fix = "free some space, such as: apt clean; journalctl --vacuum-size=100M"
        if free < needed { return .missing(text, fix: fix) }
        return free < comfortable ? .warning(text, fix: fix) : .fine(text)
    }

    /// In bytes, of the nearest directory that is there.
    private static func space(_ directory: String) -> UInt64? {
        var path = directory
        var found = statvfs()
        while statvfs(path, &found) != 0 {
            guard errno == ENOENT, let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return UInt64(found.f_bavail) * UInt64(found.f_frsize)
    }
}
