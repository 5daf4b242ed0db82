import Foundation
import Glibc
import Testing

@testable import Containers

extension IntegrationTests {
    /// A container whose task was ended is started again.
    @Suite(.serialized) struct StartTests {
        @Test func itStartsWithWhatItHadBefore() async throws {
            try await Machine.with { machine in
                let script = "echo x >> /kept; wc -l < /kept > /out/lines; hostname > /out/name; exec sleep 1000"
                var spec = machine.spec("again", ["/bin/sh", "-c", script])
                try machine.directory.write("", to: "out/lines")
                spec.mounts = [Mount(.bind(machine.directory.path + "/out"), at: "/out")]
                spec.memoryLimitBytes = 64 << 20
                spec.pidsLimit = 77
                spec.openFilesLimit = 333
                let first = try await machine.ctr.run(spec)
                _ = try await eventually { machine.directory.text("out/lines")?.hasPrefix("1") == true ? true : nil }
                let taken = await #expect(throws: ContainersError.self) { try await machine.ctr.start(spec.task) }
                #expect(taken?.code == .alreadyExists)
                try await machine.ctr.end("again", namespace: Machine.namespace, grace: .zero)
                let idle = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(idle.map(\.task) == [.none])
                try await machine.ctr.end("again", namespace: Machine.namespace, grace: .zero)

                let second = try await machine.ctr.start(spec.task)
                #expect(second.pid != first.pid)
                _ = try await eventually { machine.directory.text("out/lines")?.hasPrefix("2") == true ? true : nil }
                let cgroup = try Cgroup.ofTask(second.pid, container: "again", namespace: Machine.namespace)
                #expect(try cgroup.usage().memoryLimitBytes == 64 << 20)
                let directory = try #require(cgroup.processDirectory)
                #expect(SmallFile.read(directory + "/pids.max")?.hasPrefix("77") == true)
                let limits = try #require(SmallFile.read("/proc/\(second.pid)/limits"))
                #expect(limits.split(separator: "\n").contains { $0.hasPrefix("Max open files") && $0.contains("333") })
                let absent = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.start(TaskSpec(id: "never", namespace: Machine.namespace))
                }
                #expect(absent?.code == .notFound)
                try await machine.ctr.delete("again", namespace: Machine.namespace)
            }
        }

        @Test func aFrozenTaskGivesMemoryBackAndGoesOn() async throws {
            try await Machine.with { machine in
                let script =
                    "dd if=/dev/zero of=/file bs=1M count=20 conv=fsync 2>/dev/null; cat /file > /dev/null; sleep 1000"
                let spec = machine.spec("pages", ["/bin/sh", "-c", script])
                let task = try await machine.ctr.run(spec)
                let cgroup = try Cgroup.ofTask(task.pid, container: "pages", namespace: Machine.namespace)
                _ = try await eventually {
                    SmallFile.read("/proc/\(task.pid)/task/\(task.pid)/children")?.isEmpty == false ? true : nil
                }
                try cgroup.freeze()
                _ = try await eventually { cgroup.isFrozen ? true : nil }
                if let memory = try await MemoryReclaimer().reclaim(cgroup) {
                    #expect(memory.after <= memory.before)
                }
                #expect(cgroup.isFrozen)
                try cgroup.thaw()
                #expect(!ProcessWatch(pid: task.pid, procRoot: "/proc").hasEnded)
                try await machine.ctr.delete("pages", namespace: Machine.namespace)
            }
        }
    }
}
