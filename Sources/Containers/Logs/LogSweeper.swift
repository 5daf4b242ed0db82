import Glibc

/// Removes what the file store keeps of names that are no more: a name leaves the list, and then its files go.
public enum LogSweeper {
    /// Removes the folders `DIRECTORY/NAMESPACE/NAME` whose name is not among those given.
    ///
    /// It reads and removes on disk, so call it from where waiting is allowed.
    public static func sweep(directory: String, namespace: String, keeping names: Set<String>) {
        do { try LogOptions.checkFileName(namespace, field: "log namespace") } catch { return }
        let folder = "\(directory)/\(namespace)"
        for name in DirectoryContents.names(in: folder) where !names.contains(name) {
            DirectoryContents.remove("\(folder)/\(name)")
        }
    }
}
