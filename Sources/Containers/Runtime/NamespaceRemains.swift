import Glibc

/// Empty folders that are left of a namespace when all its containers are gone.
public enum NamespaceRemains {
    /// Removes the control groups above those of containers, which `runc` makes and nobody removes, and the folders of
    /// tasks that a reboot ended, of which containerd knows nothing any more. One that is not empty stays.
    ///
    /// - Parameters:
    ///   - cgroupRoot: where the hierarchies are mounted: version 1 at `ROOT/CONTROLLER`, version 2 at `ROOT`.
    ///   - containerdRoot: containerd's `root`.
    public static func remove(
        _ namespace: String, cgroupRoot: String = "/sys/fs/cgroup", containerdRoot: String = "/var/lib/containerd"
    ) {
        guard (try? RuntimeNames.checkIdentifier(namespace, field: "namespace")) != nil else { return }
        for hierarchy in [cgroupRoot] + DirectoryContents.names(in: cgroupRoot).map({ "\(cgroupRoot)/\($0)" }) {
            rmdir("\(hierarchy)/\(namespace)")
        }
        let tasks = "\(containerdRoot)/io.containerd.runtime.v2.task/\(namespace)"
        for task in DirectoryContents.names(in: tasks) { rmdir("\(tasks)/\(task)") }
        rmdir(tasks)
    }
}
