import Foundation
import Glibc
import Testing

@testable import Containers

/// Everything here runs under one test at a time: each starts a containerd of its own.
@Suite(.serialized) struct IntegrationTests {}

extension IntegrationTests {
    @Suite(.serialized) struct RuntimeTests {
        @Test func lifeOfAContainer() async throws {
            try await Machine.with { machine in
                var spec = machine.spec("life-1")
                spec.labels = ["a": "1,2", "b": "x=y"]
                let task = try await machine.ctr.run(spec)
                #expect(task.pid > 0)
                #expect(!ProcessWatch(pid: task.pid, procRoot: "/proc").hasEnded)
                _ = try await machine.ctr.run(machine.spec("life-2"))
                let all = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(all.map(\.id).sorted() == ["life-1", "life-2"])
                let labelled = try await machine.ctr.list(
                    namespace: Machine.namespace, labels: ["a": "1,2", "b": "x=y"])
                #expect(
                    labelled == [ContainerSummary(id: "life-1", image: Machine.image, task: .running(pid: task.pid))])
                let none = try await machine.ctr.list(namespace: Machine.namespace, labels: ["a": "1"])
                #expect(none.isEmpty)
                let details = try await machine.ctr.inspect("life-1", namespace: Machine.namespace)
                #expect(details.labels["a"] == "1,2")
                #expect(details.labels["box.label"] == "a,b")
                #expect(details.arguments == ["/bin/sleep", "1000"])
                #expect(details.task == .running(pid: task.pid))

                try await machine.ctr.kill("life-1", namespace: Machine.namespace, signal: SIGKILL)
                try await machine.waitForEnd(of: "life-1")
                let gone = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.kill("life-1", namespace: Machine.namespace, signal: SIGKILL)
                }
                #expect(gone?.code == .notFound)
                try await machine.ctr.stop("life-1", namespace: Machine.namespace, grace: .seconds(1))
                for id in ["life-1", "life-2", "life-1", "never-was"] {
                    try await machine.ctr.delete(id, namespace: Machine.namespace)
                }
                #expect(try await machine.ctr.list(namespace: Machine.namespace).isEmpty)
                let absent = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.inspect("life-1", namespace: Machine.namespace)
                }
                #expect(absent?.code == .notFound)
            }
        }

        @Test func stopIsGentleAndThenIsNot() async throws {
            try await Machine.with { machine in
                let script = "trap 'echo bye > /out/out; exit 0' TERM; echo up > /out/up; while :; do sleep 0.05; done"
                var spec = machine.spec("gentle", ["/bin/sh", "-c", script])
                try machine.directory.write("", to: "out/out")
                spec.mounts = [Mount(.bind(machine.directory.path + "/out"), at: "/out")]
                _ = try await machine.ctr.run(spec)
                _ = try await eventually { machine.directory.text("out/up") }
                try await machine.ctr.stop("gentle", namespace: Machine.namespace, grace: .seconds(20))
                #expect(machine.directory.text("out/out") == "bye\n")

                // The first process of a container has no default action for SIGTERM, so it lives on.
                let stubborn = try await machine.ctr.run(machine.spec("stubborn"))
                try await machine.ctr.stop("stubborn", namespace: Machine.namespace, grace: .milliseconds(300))
                #expect(ProcessWatch(pid: stubborn.pid, procRoot: "/proc").hasEnded)
            }
        }

        @Test func frozenAndPausedTasksEnd() async throws {
            try await Machine.with { machine in
                let frozen = try await machine.ctr.run(machine.spec("frozen"))
                let cgroup = try Cgroup.locate(pid: frozen.pid)
                try cgroup.freeze()
                _ = try await eventually { cgroup.isFrozen ? true : nil }
                try await machine.ctr.stop("frozen", namespace: Machine.namespace, grace: .milliseconds(300))
                #expect(ProcessWatch(pid: frozen.pid, procRoot: "/proc").hasEnded)

                let paused = try await machine.ctr.run(machine.spec("paused"))
                _ = try await machine.ctr.client.require(
                    ["tasks", "pause", "paused"], namespace: Machine.namespace, about: "pause")
                let list = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(list.first { $0.id == "paused" }?.task == .paused(pid: paused.pid))
                try await machine.ctr.stop("paused", namespace: Machine.namespace, grace: .milliseconds(300))
                #expect(ProcessWatch(pid: paused.pid, procRoot: "/proc").hasEnded)
            }
        }

        @Test func aShimThatDies() async throws {
            try await Machine.with { machine in
                let task = try await machine.ctr.run(machine.spec("orphan"))
                let shim = try #require(Self.parent(of: task.pid))
                Glibc.kill(shim, SIGKILL)
                try await machine.ctr.delete("orphan", namespace: Machine.namespace)
                #expect(try await ProcessWatch(pid: task.pid, procRoot: "/proc").waitForEnd(.seconds(10)))
                #expect(try await machine.ctr.list(namespace: Machine.namespace).isEmpty)
                // containerd itself tidies up a little later; until then the name is taken, and no try leaves anything.
                _ = try await eventually {
                    if let task = try? await machine.ctr.run(machine.spec("orphan")) { return task }
                    let left = try await machine.ctr.list(namespace: Machine.namespace)
                    #expect(left.isEmpty)
                    return nil
                }
            }
        }

        @Test func whatFailsLeavesNothing() async throws {
            try await Machine.with { machine in
                var specs: [(ContainerSpec, ContainersError.Code)] = []
                specs.append((machine.spec("f1", ["/no/such/program"]), .startFailed))
                var spec = machine.spec("f2")
                spec.mounts = [Mount(.bind("/no/such/source"), at: "/x")]
                specs.append((spec, .startFailed))
                spec = machine.spec("f3")
                spec.networkNamespacePath = "/run/netns/no-such-namespace"
                specs.append((spec, .startFailed))
                spec = machine.spec("f4")
                spec.logTarget = LogTarget(
                    binary: "/no/such/collector", options: try LogOptions(name: "x", directory: "/nonexistent"))
                specs.append((spec, .startFailed))
                spec = machine.spec("f5")
                spec.image = "docker.io/library/none:latest"
                specs.append((spec, .imageNotFound))
                for (spec, code) in specs {
                    let error = await #expect(throws: ContainersError.self) { try await machine.ctr.run(spec) }
                    #expect(error?.code == code, "\(spec.id): \(String(describing: error))")
                }
                #expect(try await machine.ctr.list(namespace: Machine.namespace).isEmpty)
                let snapshots = try await machine.ctr.client.require(
                    ["snapshots", "list"], namespace: Machine.namespace, about: "snapshots")
                #expect(!snapshots.outputText.contains("Active"))
            }
        }

        @Test func aNameThatIsTaken() async throws {
            try await Machine.with { machine in
                let first = try await machine.ctr.run(machine.spec("taken"))
                let error = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.run(machine.spec("taken"))
                }
                #expect(error?.code == .alreadyExists)
                let list = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(list.map(\.task) == [.running(pid: first.pid)])
            }
        }

        @Test func aRunThatIsCancelledLeavesNothing() async throws {
            try await Machine.with { machine in
                for number in 0..<4 {
                    let run = Task { try await machine.ctr.run(machine.spec("cancelled")) }
                    try await Task.sleep(for: .milliseconds(number * 40))
                    run.cancel()
                    let result = await run.result
                    if case .success = result {
                        try await machine.ctr.delete("cancelled", namespace: Machine.namespace)
                    }
                    #expect(try await machine.ctr.list(namespace: Machine.namespace).isEmpty)
                }
                _ = try await machine.ctr.run(machine.spec("cancelled"))
            }
        }

        @Test func manyAtOnce() async throws {
            try await Machine.with { machine in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<12 {
                        group.addTask { _ = try await machine.ctr.run(machine.spec("many-\(number)")) }
                    }
                    try await group.waitForAll()
                }
                let list = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(list.count == 12)
                #expect(list.allSatisfy { $0.task.pid != nil })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for container in list {
                        group.addTask { try await machine.ctr.delete(container.id, namespace: Machine.namespace) }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private static func parent(of pid: Int32) -> Int32? {
            let line = SmallFile.read("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("PPid:") }
            return line.flatMap { Int32($0.dropFirst("PPid:\t".count)) }
        }
    }
}
