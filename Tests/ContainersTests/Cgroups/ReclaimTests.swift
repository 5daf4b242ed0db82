import Testing

@testable import Containers

/// Temporary folders stand for /proc and /sys/fs/cgroup.
@Suite struct ReclaimTests {
    @Test func eachVersionHasItsSwitch() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("4:memory:/n/a\n6:freezer:/n/a\n", to: "proc/7/cgroup")
            try directory.write("5000\n", to: "cg/memory/n/a/memory.usage_in_bytes")
            let first = try Cgroup.locate(
                pid: 7, procRoot: directory.path + "/proc", cgroupRoot: directory.path + "/cg")
            #expect(try first.reclaimMemory() == nil)
            try directory.write("", to: "cg/memory/n/a/memory.force_empty")
            #expect(try first.reclaimMemory() == ReclaimedMemory(before: 5000, after: 5000))
            #expect(directory.text("cg/memory/n/a/memory.force_empty") == "5000")
            try directory.write("0::/n/a\n", to: "proc/8/cgroup")
            try directory.write("6000\n", to: "cg/n/a/memory.current")
            try directory.write("", to: "cg/n/a/memory.reclaim")
            let second = try Cgroup.locate(
                pid: 8, procRoot: directory.path + "/proc", cgroupRoot: directory.path + "/cg")
            #expect(try await MemoryReclaimer().reclaim(second) == ReclaimedMemory(before: 6000, after: 6000))
            #expect(directory.text("cg/n/a/memory.reclaim") == "6000")
        }
    }

    @Test func onlyTheTasksOwnGroupIsFound() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("6:freezer:/n/a\n4:memory:/n/a\n", to: "proc/7/cgroup")
            let (proc, root) = (directory.path + "/proc", directory.path + "/cg")
            _ = try Cgroup.ofTask(7, container: "a", namespace: "n", procRoot: proc, cgroupRoot: root)
            for (id, namespace) in [("b", "n"), ("a", "m"), ("", "")] {
                let error = #expect(throws: ContainersError.self) {
                    try Cgroup.ofTask(7, container: id, namespace: namespace, procRoot: proc, cgroupRoot: root)
                }
                #expect(error?.code == .notFound)
            }
        }
    }
}
