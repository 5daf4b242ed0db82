import Foundation

/// Folders that are git repositories.
enum GitFolder {
    /// Whether a folder of this machine is a repository, with a working tree or bare; `nil` when it is no folder.
    static func isRepository(_ path: String) -> Bool? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            return nil
        }
        let exists = { FileManager.default.fileExists(atPath: path + "/" + $0) }
        return exists(".git") || (exists("HEAD") && exists("objects") && exists("refs"))
    }
}
