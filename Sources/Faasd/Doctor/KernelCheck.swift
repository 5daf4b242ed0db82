import Foundation

/// Looks for what the kernel must be able to do.
struct KernelCheck: Sendable {
    /// Where the kernel's own files are; elsewhere in tests.
    var root = ""

    func run(bridgeIsThere: Bool) -> [Diagnosis] {
        var found = controllers()
        if let forward = read("/proc/sys/net/ipv4/ip_forward"), forward.hasPrefix("0"), bridgeIsThere {
            found.append(
                .problem(
                    "the kernel does not pass packets on (net.ipv4.ip_forward is 0), so functions reach nothing outside",
                    fix: "sysctl -w net.ipv4.ip_forward=1, and see what in /etc/sysctl.d sets it to 0"))
        }
        if let systems = read("/proc/filesystems"), !systems.contains("overlay") {
            found.append(
                .warning(
                    "the kernel has not loaded overlayfs, containerd's usual snapshotter",
                    fix: "modprobe overlay; or another one with the setting snapshotter"))
        }
        return found
    }

    private func controllers() -> [Diagnosis] {
        let needed = ["cpu", "memory", "pids"]
        let present: Set<String>
        if let unified = read("/sys/fs/cgroup/cgroup.controllers") {
            present = Set(unified.split(whereSeparator: \.isWhitespace).map(String.init))
        } else {
            let table = read("/proc/cgroups") ?? ""
            present = Set(
                table.split(separator: "\n").filter { !$0.hasPrefix("#") && $0.hasSuffix("1") }
                    .compactMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) })
        }
        let missing = needed.filter { !present.contains($0) }
        guard !missing.isEmpty else { return [.fine("control groups limit CPU, memory and processes")] }
        return [
            .problem(
                "the kernel has no control group for \(missing.joined(separator: ", "))",
                fix:
                    "on a Raspberry Pi add cgroup_enable=memory cgroup_memory=1 to /boot/firmware/cmdline.txt; then reboot"
            )
        ]
    }

    private func read(_ path: String) -> String? { try? String(contentsOfFile: root + path, encoding: .utf8) }
}
