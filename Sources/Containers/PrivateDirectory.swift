import Glibc

/// A directory that only this user can enter, for the files of one call. Its owner removes it.
struct PrivateDirectory: Sendable {
    let path: String

    init(in parent: String) throws(ContainersError) {
        try SmallFile.makeDirectories(parent, mode: 0o700)
        var template = Array("\(parent)/call-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SmallFile.failure("cannot make a directory in", parent)
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes the directories of calls whose process was killed.
    static func removeLeftovers(in parent: String) {
        for name in DirectoryContents.names(in: parent) where name.hasPrefix("call-") {
            PrivateDirectory(path: "\(parent)/\(name)").remove()
        }
    }

    private init(path: String) {
        self.path = path
    }

    /// Removes the directory with all that a call leaves in it.
    ///
    /// `ctr run` mounts the new root file system for a moment in the directory for temporary files, to look users up.
    /// When it is killed in that moment the mount stays, and is taken away here.
    func remove() {
        for name in DirectoryContents.names(in: path) where unlink("\(path)/\(name)") != 0 {
            if umount2("\(path)/\(name)", Int32(MNT_DETACH)) != 0, errno == EINVAL {
                // Nothing is mounted: a folder of ctr's pipes.
                for pipe in DirectoryContents.names(in: "\(path)/\(name)") { unlink("\(path)/\(name)/\(pipe)") }
            }
            rmdir("\(path)/\(name)")
        }
        rmdir(path)
    }
}
