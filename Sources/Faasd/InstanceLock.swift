import Glibc

/// Keeps two daemons from working on one data directory.
struct InstanceLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; it is released with the process at the latest.
    init(directory: String) throws {
        let path = directory + "/faasd.lock"
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
