import Glibc

/// Files of the kernel's and our own making that fit into memory.
enum SmallFile {
    private static let maximumSize = 1 << 20

    /// The text of a file; nil when it cannot be read or is larger than 1 MiB.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= maximumSize {
            let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
                return count
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }

    /// Whether there is a file that may be written.
    static func exists(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// What a file that is to be written may be before.
    enum Before {
        /// It must not be there.
        case absent
        /// It must be there, and is written over from its start: for files of the kernel.
        case present
        /// It is made when it is absent, and cut to nothing otherwise.
        case any
    }

    /// Writes a file.
    ///
    /// - Throws: `internalError`, which says what went wrong with which file.
    static func write(
        _ text: String, to path: String, mode: mode_t = 0o644, before: Before = .any
    ) throws(ContainersError) {
        let how =
            switch before {
            case .absent: O_CREAT | O_EXCL
            case .present: Int32(0)
            case .any: O_CREAT | O_TRUNC
            }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | how, mode)
        guard descriptor >= 0 else { throw failure("cannot open", path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot write", path) }
            written += count
        }
    }

    /// Makes a directory and those above it that are missing.
    static func makeDirectories(_ path: String, mode: mode_t) throws(ContainersError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, mode) == 0 || errno == EEXIST else { throw failure("cannot make directory", made) }
        }
    }

    static func failure(_ what: String, _ path: String) -> ContainersError {
        ContainersError(.internalError, "\(what) \(path): \(String(cString: strerror(errno)))")
    }
}
