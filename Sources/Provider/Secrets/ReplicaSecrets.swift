import Foundation

/// The secrets of one replica as it sees them: a directory that is mounted read-only at
/// `/var/openfaas/secrets`.
///
/// The store's own files are root's alone, and a function may be any user. So each replica has copies that every
/// user may read, in a directory which on the host only root can reach. The directory, not the file, is mounted:
/// so a value that is replaced by renaming is seen inside at once.
struct ReplicaSecrets: Sendable {
    /// On a file system in memory, as `/run` is: values do not reach the disk a second time.
    let directory: String

    /// Makes the copies.
    ///
    /// - Returns: the directory to mount.
    func make(_ values: [String: [UInt8]], forReplica id: String) throws(ProviderError) -> String {
        try AtomicFile.makeDirectory(directory, permissions: 0o700)
        let folder = folder(id)
        try AtomicFile.makeDirectory(folder, permissions: 0o755)
        for (name, value) in values {
            try AtomicFile.write(value, to: folder + "/" + name, permissions: 0o444)
        }
        return folder
    }

    /// Replaces one value, if the replica has it.
    func update(_ name: String, value: [UInt8], ofReplica id: String) throws(ProviderError) {
        guard FileManager.default.fileExists(atPath: folder(id) + "/" + name) else { return }
        try AtomicFile.write(value, to: folder(id) + "/" + name, permissions: 0o444)
    }

    /// Removes the copies; absent ones are fine.
    func remove(forReplica id: String) throws(ProviderError) {
        guard FileManager.default.fileExists(atPath: folder(id)) else { return }
        do {
            try FileManager.default.removeItem(atPath: folder(id))
        } catch {
            throw ProviderError(.storeFailed, "the secrets of replica \(id) could not be removed: \(error)")
        }
    }

    private func folder(_ id: String) -> String { directory + "/" + id }
}
