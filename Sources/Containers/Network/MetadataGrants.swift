import Glibc

/// Which containers may read the machine's metadata, or may be reached: a file for each, with its address, so that the rules can be made
/// again after somebody flushed them, also by a later process.
struct MetadataGrants: Sendable {
    let directory: String

    /// The containers.
    var names: [String] { DirectoryContents.names(in: directory) }

    /// The addresses of all, sorted.
    var addresses: [String] {
        Set(DirectoryContents.names(in: directory).compactMap { SmallFile.read("\(directory)/\($0)") }).sorted()
    }

    /// Notes whether a container may, and forgets what was noted about its address when another container had it.
    func note(_ containerID: String, address: String, allowed: Bool) throws(ContainersError) {
        for name in DirectoryContents.names(in: directory) where SmallFile.read("\(directory)/\(name)") == address {
            unlink("\(directory)/\(name)")
        }
        forget(containerID)
        guard allowed else { return }
        try SmallFile.makeDirectories(directory, mode: 0o755)
        try SmallFile.write(address, to: "\(directory)/\(containerID)", mode: 0o600)
    }

    /// Forgets a container.
    ///
    /// - Returns: Whether it was allowed.
    @discardableResult
    func forget(_ containerID: String) -> Bool {
        unlink("\(directory)/\(containerID)") == 0
    }
}
