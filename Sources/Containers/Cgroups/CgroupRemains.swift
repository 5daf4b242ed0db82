import Glibc

/// The control groups above those of containers, which `runc` makes and nobody removes.
public enum CgroupRemains {
    /// Removes the groups of a namespace; one in which something is left stays, as the kernel says.
    ///
    /// - Parameter root: where the hierarchies are mounted: version 1 at `ROOT/CONTROLLER`, version 2 at `ROOT`.
    public static func remove(_ namespace: String, root: String = "/sys/fs/cgroup") {
        guard (try? RuntimeNames.checkIdentifier(namespace, field: "namespace")) != nil else { return }
        for hierarchy in [root] + DirectoryContents.names(in: root).map({ "\(root)/\($0)" }) {
            rmdir("\(hierarchy)/\(namespace)")
        }
    }
}
