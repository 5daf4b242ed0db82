import Testing

@testable import Containers

/// Temporary folders stand for /proc and /sys/fs/cgroup.
@Suite struct CgroupTests {
    private static let version1 = """
        9:name=systemd:/n/a
        8:pids:/n/a
        6:freezer:/n/a
        4:memory:/n/a
        2:cpu,cpuacct:/n/a
        0::/n/a

        """

    @Test func version1() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write(Self.version1, to: "proc/7/cgroup")
            try directory.write("5000\n", to: "cg/memory/n/a/memory.usage_in_bytes")
            try directory.write("9223372036854771712\n", to: "cg/memory/n/a/memory.limit_in_bytes")
            try directory.write("cache 1\ntotal_inactive_file 1000\n", to: "cg/memory/n/a/memory.stat")
            try directory.write("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", to: "cg/memory/n/a/memory.oom_control")
            try directory.write("123456\n", to: "cg/cpuacct/n/a/cpuacct.usage")
            try directory.write("3\n", to: "cg/pids/n/a/pids.current")
            try directory.write("THAWED\n", to: "cg/freezer/n/a/freezer.state")
            let cgroup = try Cgroup.locate(
                pid: 7, procRoot: directory.path + "/proc", cgroupRoot: directory.path + "/cg")
            let usage = try cgroup.usage()
            #expect(
                usage
                    == CgroupUsage(
                        memoryBytes: 4000, memoryLimitBytes: nil, cpuNanoseconds: 123_456, processes: 3,
                        outOfMemoryKills: 2))
            try directory.write("64000000\n", to: "cg/memory/n/a/memory.limit_in_bytes")
            #expect(try cgroup.usage().memoryLimitBytes == 64_000_000)
            try cgroup.freeze()
            #expect(cgroup.isFrozen)
            try cgroup.thaw()
            #expect(directory.text("cg/freezer/n/a/freezer.state")?.hasPrefix("THAWED") == true)
            #expect(!cgroup.isFrozen)
        }
    }

    @Test func version2() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("0::/n/a\n", to: "proc/7/cgroup")
            try directory.write("5000\n", to: "cg/n/a/memory.current")
            try directory.write("max\n", to: "cg/n/a/memory.max")
            try directory.write("anon 1\ninactive_file 6000\n", to: "cg/n/a/memory.stat")
            try directory.write("low 0\noom 1\noom_kill 1\n", to: "cg/n/a/memory.events")
            try directory.write("usage_usec 12\nuser_usec 3\n", to: "cg/n/a/cpu.stat")
            try directory.write("3\n", to: "cg/n/a/pids.current")
            try directory.write("0\n", to: "cg/n/a/cgroup.freeze")
            try directory.write("populated 1\nfrozen 1\n", to: "cg/n/a/cgroup.events")
            let cgroup = try Cgroup.locate(
                pid: 7, procRoot: directory.path + "/proc", cgroupRoot: directory.path + "/cg")
            #expect(
                try cgroup.usage()
                    == CgroupUsage(
                        memoryBytes: 0, memoryLimitBytes: nil, cpuNanoseconds: 12_000, processes: 3,
                        outOfMemoryKills: 1))
            try directory.write("1000000\n", to: "cg/n/a/memory.max")
            #expect(try cgroup.usage().memoryLimitBytes == 1_000_000)
            try cgroup.freeze()
            #expect(directory.text("cg/n/a/cgroup.freeze")?.hasPrefix("1") == true)
            #expect(cgroup.isFrozen)
            try cgroup.thaw()
            #expect(directory.text("cg/n/a/cgroup.freeze")?.hasPrefix("0") == true)
        }
    }

    @Test func gone() async throws {
        try await TemporaryDirectory.with { directory in
            let roots = (directory.path + "/proc", directory.path + "/cg")
            var error = #expect(throws: ContainersError.self) {
                try Cgroup.locate(pid: 7, procRoot: roots.0, cgroupRoot: roots.1)
            }
            #expect(error?.code == .notFound)
            try directory.write(Self.version1, to: "proc/7/cgroup")
            let cgroup = try Cgroup.locate(pid: 7, procRoot: roots.0, cgroupRoot: roots.1)
            error = #expect(throws: ContainersError.self) { try cgroup.usage() }
            #expect(error?.code == .notFound)
            #expect(throws: ContainersError.self) { try cgroup.freeze() }
            #expect(!cgroup.isFrozen)
        }
    }

    @Test(arguments: [("0::/n/a\n", "cg/n/a"), ("3:pids:/n/a\n2:memory:/n/a\n", "cg/pids/n/a")])
    func limitOfProcesses(text: String, folder: String) async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write(text, to: "proc/7/cgroup")
            let cgroup = try Cgroup.locate(
                pid: 7, procRoot: directory.path + "/proc", cgroupRoot: directory.path + "/cg")
            #expect(throws: ContainersError.self) { try cgroup.limitProcesses(to: 30) }
            try directory.write("max\n", to: "\(folder)/pids.max")
            try cgroup.limitProcesses(to: 30)
            #expect(directory.text("\(folder)/pids.max")?.hasPrefix("30") == true)
        }
    }

    @Test func aMachineThatDoesNotLimitProcesses() throws {
        let cgroup = Cgroup(layout: .v1(["memory": "/cg/memory/n/a"]))
        let error = #expect(throws: ContainersError.self) { try cgroup.limitProcesses(to: 30) }
        #expect(error?.message.contains("mount the pids controller") == true)
    }

    /// Seen from inside a cgroup namespace, a path of the outside begins with `/..`.
    @Test func pathsThatLeadElsewhere() {
        for text in ["0::/../../etc\n", "4:memory:/a/../..\n", "", "x\n", "0:memory\n"] {
            #expect(throws: ContainersError.self) { try Cgroup.layout(text, cgroupRoot: "/cg") }
        }
    }
}
