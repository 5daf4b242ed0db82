import Glibc

/// Keeps two daemons from doing the same work on one data directory.
struct InstanceLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; it is released with the process at the latest.
    ///
    /// - Parameter name: what the work is. A gateway may share its directory, and so the password, with a provider.
    init(directory: String, name: String = "faasd") throws {
        let path = directory + "/\(name).lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw InstallError("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw InstallError("another faasd is running with \(directory): stop it, or choose another --data-dir")
        }
    }

    /// Gives the lock back.
    func release() {
        close(descriptor)
    }
}
