import Glibc

/// Files that are replaced whole: written beside, synced, renamed, and the directory synced.
package enum AtomicFile {
    /// Begins the name of a file that is not whole yet. No name of ours begins with a dot.
    private static let prefix = ".new~"
    static let diskIsFull = "the disk is full; free some space and try again"

    /// Writes a file.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed`; then the file is as it was.
    package static func write(_ bytes: [UInt8], to path: String, permissions: UInt32) throws(ProviderError) {
        let temporary = temporary(for: path)
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, permissions)
        guard file >= 0 else { throw failure("write", path) }
        var written = fchmod(file, permissions) == 0
        var offset = 0
        while written, offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            written = count > 0
            offset += max(count, 0)
        }
        written = written && fsync(file) == 0
        let error = errno
        close(file)
        guard written, rename(temporary, path) == 0 else {
            let error = written ? errno : error
            unlink(temporary)
            errno = error
            throw failure("write", path)
        }
        syncDirectory(of: path)
    }

    /// In the same directory, and with a name that is not longer than a file system allows (255 bytes).
    private static func temporary(for path: String) -> String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let name = path[end...].drop { $0 == "/" }
        return path[..<end] + "/" + prefix + String(decoding: name.utf8.prefix(200), as: UTF8.self)
    }

    /// Makes a directory and those above it that are missing.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed`.
    package static func makeDirectory(_ path: String, permissions: UInt32) throws(ProviderError) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            guard mkdir(partial, permissions) == 0 || errno == EEXIST else { throw failure("make", partial) }
        }
    }

    private static func syncDirectory(of path: String) {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        let directory = open("/" + parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func failure(_ verb: String, _ path: String) -> ProviderError {
        let reason = errno == ENOSPC ? diskIsFull : String(cString: strerror(errno))
        return ProviderError(.storeFailed, "could not \(verb) \(path): \(reason)")
    }
}
