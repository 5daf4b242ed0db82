/// The control group of a task, in version 1 (a hierarchy for each controller) or 2 (one for all).
public struct Cgroup: Sendable, Equatable {
    enum Layout: Sendable, Equatable {
        /// The directory of each controller.
        case v1([String: String])
        /// The one directory.
        case v2(String)
    }

    let layout: Layout

    /// Finds the cgroup of a process.
    ///
    /// - Parameters:
    ///   - pid: The process, as the host sees it.
    ///   - procRoot: Where `proc` is mounted.
    ///   - cgroupRoot: Where the hierarchies are mounted: version 1 at `ROOT/CONTROLLER`, version 2 at `ROOT`.
    /// - Throws: `notFound` when there is no such process.
    public static func locate(
        pid: Int32, procRoot: String = "/proc", cgroupRoot: String = "/sys/fs/cgroup"
    ) throws(ContainersError) -> Cgroup {
        guard let text = SmallFile.read("\(procRoot)/\(pid)/cgroup") else {
            throw ContainersError(.notFound, "there is no process \(pid)")
        }
        return Cgroup(layout: try layout(text, cgroupRoot: cgroupRoot))
    }

    /// Finds the cgroup of a container's task, and only that: a process that has ended may be shown in the root of the
    /// hierarchy, and its number may be another's by now.
    ///
    /// - Throws: `notFound` when the process is not in the container.
    public static func ofTask(
        _ pid: Int32, container id: String, namespace: String, procRoot: String = "/proc",
        cgroupRoot: String = "/sys/fs/cgroup"
    ) throws(ContainersError) -> Cgroup {
        let cgroup = try locate(pid: pid, procRoot: procRoot, cgroupRoot: cgroupRoot)
        guard cgroup.freezerDirectory?.hasSuffix("/\(namespace)/\(id)") == true else {
            throw ContainersError(.notFound, "process \(pid) is not in the control group of container \"\(id)\"")
        }
        return cgroup
    }

    /// The cgroup of a container whose processes have all ended, and which was not removed yet: where containerd puts
    /// it unless it is told otherwise, at `/NAMESPACE/ID`.
    ///
    /// - Returns: nil when it is not there.
    public static func left(
        by id: String, namespace: String, cgroupRoot: String = "/sys/fs/cgroup"
    ) -> Cgroup? {
        guard (try? RuntimeNames.checkIdentifier(id, field: "container id")) != nil,
            (try? RuntimeNames.checkIdentifier(namespace, field: "namespace")) != nil
        else { return nil }
        let memory = "\(cgroupRoot)/memory/\(namespace)/\(id)"
        if SmallFile.read(memory + "/memory.oom_control") != nil { return Cgroup(layout: .v1(["memory": memory])) }
        let unified = "\(cgroupRoot)/\(namespace)/\(id)"
        return SmallFile.read(unified + "/memory.events") != nil ? Cgroup(layout: .v2(unified)) : nil
    }

    /// Reads /proc/PID/cgroup: lines `NUMBER:CONTROLLERS:PATH`; version 2 is `0::PATH`. See cgroups(7).
    ///
    /// With both there ("hybrid"), version 1 has the controllers and decides.
    static func layout(_ text: String, cgroupRoot: String) throws(ContainersError) -> Layout {
        var directories: [String: String] = [:]
        var unified: String?
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasPrefix("/"), !parts[2].split(separator: "/").contains("..") else {
                continue
            }
            if parts[1].isEmpty {
                unified = cgroupRoot + parts[2]
            } else {
                for controller in parts[1].split(separator: ",") {
                    directories[String(controller)] = "\(cgroupRoot)/\(controller)\(parts[2])"
                }
            }
        }
        if directories["memory"] != nil || directories["freezer"] != nil { return .v1(directories) }
        guard let unified else {
            throw ContainersError(.internalError, "the cgroup of a process is outside of what can be seen from here")
        }
        return .v2(unified)
    }
}
