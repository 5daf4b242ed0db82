// The headers of libsystemd declare `timespec` to Swift.
import CSystemd
import Glibc

/// The containers that have files under one name.
struct LogFolder {
    /// The most containers that are read at one time, since each has a file open.
    static let maximumContainers = 256

    let path: String
    /// The only container that is wanted; nil means all.
    let instance: String?

    /// The ids of the containers besides those that are known, as many as may still be read, the newest of them.
    func containers(besides known: Set<String>) -> [String] {
        let room = Self.maximumContainers - known.count
        guard room > 0 else { return [] }
        if let instance {
            guard !known.contains(instance), LogFileSet(directory: path, id: instance).exists else { return [] }
            return [instance]
        }
        let found = Set(DirectoryContents.names(in: path).compactMap(Self.container)).subtracting(known)
        guard found.count > room else { return found.sorted() }
        let newestFirst = found.map { (id: $0, time: lastWrite($0)) }.sorted { $0.time > $1.time }
        return newestFirst.prefix(room).map(\.id)
    }

    /// The id in a file's name, `ID.log` or `ID.log.N`. A container may have only the latter, for a moment.
    static func container(ofFile name: String) -> String? {
        var stem = name[...]
        if !stem.hasSuffix(LogFile.suffix), let dot = stem.lastIndex(of: ".") {
            guard let index = Int(stem[stem.index(after: dot)...]), index > 0 else { return nil }
            stem = stem[..<dot]
        }
        guard stem.hasSuffix(LogFile.suffix), stem.utf8.count > LogFile.suffix.utf8.count else { return nil }
        return String(stem.dropLast(LogFile.suffix.count))
    }

    private func lastWrite(_ id: String) -> LogTime {
        var status = stat()
        let isThere = lstat(LogFile.path(path, id: id, index: 0), &status) == 0
        return LogTime(seconds: isThere ? status.st_mtim.tv_sec : .min, nanoseconds: 0)
    }
}
