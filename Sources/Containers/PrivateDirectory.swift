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

    /// Removes the directory with the named files in it.
    func remove(files: [String]) {
        for file in files { unlink("\(path)/\(file)") }
        rmdir(path)
    }
}
