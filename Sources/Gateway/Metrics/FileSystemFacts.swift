import Glibc

/// How full a file system is, from statvfs(3).
struct FileSystemFacts {
    let sizeBytes: Double
    /// What is left without the share that is kept for root.
    let availableBytes: Double
    let files: Double
    let freeFiles: Double

    /// Asks for the file system that a path is on; `nil` when it does not answer.
    init?(of path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let block = Double(facts.f_frsize)
        sizeBytes = Double(facts.f_blocks) * block
        availableBytes = Double(facts.f_bavail) * block
        files = Double(facts.f_files)
        freeFiles = Double(facts.f_favail)
    }
}
