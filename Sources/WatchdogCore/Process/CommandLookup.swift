import Glibc

/// Finds the file behind a command's name, as a shell does: a name with a slash is a path, any other is looked up in
/// the directories of `PATH`.
enum CommandLookup {
    static func find(_ name: String, searchPath: String) -> Result<String, SystemError> {
        if name.utf8.contains(.slash) { return check(name) }
        var best = SystemError(number: ENOENT)
        for directory in searchPath.split(separator: ":", omittingEmptySubsequences: false) {
            let path = directory.isEmpty ? "./\(name)" : "\(directory)/\(name)"
            switch check(path) {
            case .success: return .success(path)
            case .failure(let error) where error.number == EACCES: best = error
            case .failure: continue
            }
        }
        return .failure(best)
    }

    private static func check(_ path: String) -> Result<String, SystemError> {
        var status = stat()
        guard stat(path, &status) == 0 else { return .failure(.last) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(SystemError(number: EACCES)) }
        return access(path, X_OK) == 0 ? .success(path) : .failure(.last)
    }
}
