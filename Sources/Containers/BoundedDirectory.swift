import Glibc

/// A directory on a small file system of its own in memory: what containers may write into must not fill the host's.
public struct BoundedDirectory: Sendable {
    /// Where it is.
    public let path: String
    private let bytes: Int
    private let files: Int

    /// Names a directory; nothing is made yet.
    ///
    /// - Parameters:
    ///   - bytes: the room of all its files together.
    ///   - files: the most files and directories.
    public init(path: String, bytes: Int, files: Int) {
        self.path = path
        self.bytes = bytes
        self.files = files
    }

    /// Makes and mounts it, unless it is there. Only this user can enter it from outside a container.
    ///
    /// - Throws: ``ContainersError`` with code `internalError`.
    public func make() throws(ContainersError) {
        guard !isMounted else { return }
        try SmallFile.makeDirectories(path, mode: 0o700)
        let flags = UInt(MS_NOSUID) | UInt(MS_NODEV) | UInt(MS_NOEXEC)
        guard mount("tmpfs", path, "tmpfs", flags, "size=\(bytes),nr_inodes=\(files),mode=0700") == 0 else {
            throw SmallFile.failure("cannot mount a file system at", path)
        }
    }

    /// Takes it away with all that is in it; an absent one is fine.
    public func remove() {
        while isMounted, umount2(path, Int32(MNT_DETACH)) == 0 {}
        rmdir(path)
    }

    private var isMounted: Bool {
        var own = stat()
        var parent = stat()
        return lstat(path, &own) == 0 && lstat(path + "/..", &parent) == 0 && own.st_dev != parent.st_dev
    }
}
