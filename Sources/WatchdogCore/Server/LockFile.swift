import Glibc

/// The file that OpenFaaS's watchdogs write when they listen. Here it is for those who look for it: health does not
/// depend on it, so that a root without any writable place works.
struct LockFile {
    let path: String

    /// - Returns: why it could not be written.
    func write() -> SystemError? {
        // A link left in a shared directory must not lead the write somewhere else.
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o660)
        guard descriptor >= 0 else { return .last }
        close(descriptor)
        return nil
    }

    func remove() {
        unlink(path)
    }

    var exists: Bool { access(path, F_OK) == 0 }
}
