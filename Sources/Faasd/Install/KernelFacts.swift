import Foundation
import Glibc

/// What of the kernel the functions need: control groups and a file system of layers.
struct KernelFacts: Sendable {
    /// Where `proc` is mounted.
    var procRoot = "/proc"
    /// Where control groups are mounted: version 1 at `ROOT/CONTROLLER`, version 2 at `ROOT`.
    var cgroupRoot = "/sys/fs/cgroup"
    /// The folder of the running kernel's modules.
    var modules = "/lib/modules/\(KernelFacts.release)"

    /// - Parameter snapshotter: containerd's, as it was set; `nil` is containerd's own choice, overlayfs.
    func findings(snapshotter: String?) -> [Finding] {
        [cgroups()] + (["overlayfs", nil].contains(snapshotter) ? [overlay()] : [])
    }

    private func cgroups() -> Finding {
        if let text = TextFile.read(cgroupRoot + "/cgroup.controllers") {
            let missing = Set(["cpu", "memory", "pids"]).subtracting(
                text.split(whereSeparator: \.isWhitespace).map(String.init))
            return missing.isEmpty
                ? .fine("control groups, version 2")
                : lacks(missing, why: "cgroup.controllers in \(cgroupRoot) does not list")
        }
        let missing = Set(["cpu", "freezer", "memory", "pids"]).filter {
            !FileManager.default.fileExists(atPath: "\(cgroupRoot)/\($0)/cgroup.procs")
        }
        return missing.isEmpty
            ? .fine("control groups, version 1") : lacks(missing, why: "\(cgroupRoot) is without")
    }

    private func lacks(_ controllers: Set<String>, why: String) -> Finding {
        let text = "\(why) \(controllers.sorted().joined(separator: ", "))"
        let fix = "boot with them, such as with cgroup_enable=memory on the kernel's command line"
        // Every function has a limit on its processes; one on memory or CPU only when it asks for it.
        return controllers.isDisjoint(with: ["freezer", "pids"])
            ? .warning(text + ": functions with such limits do not start", fix: fix)
            : .problem(text + ": functions do not start", fix: fix)
    }

    private func overlay() -> Finding {
        let known = TextFile.read(procRoot + "/filesystems")?.split(separator: "\n").contains {
            $0.hasSuffix("\toverlay")
        }
        let hasModule = ["modules.dep", "modules.builtin"].contains {
            TextFile.read(modules + "/" + $0)?.contains("/overlay.ko") == true
        }
        return known == true || hasModule
            ? .fine("overlay file systems")
            : .problem(
                "this kernel has no overlay file system, which containerd makes of an image's layers",
                fix: "modprobe overlay, or set `snapshotter: native` in config.yaml")
    }

    private static var release: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
