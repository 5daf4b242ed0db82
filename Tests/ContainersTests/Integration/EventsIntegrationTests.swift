import Foundation
import Testing

@testable import Containers

extension IntegrationTests {
    @Suite(.serialized) struct EventsTests {
        private static let namespace = Machine.namespace

        /// Reads until an event comes that `last` picks; what came before it is returned with it.
        private func read(
            _ iterator: inout AsyncThrowingStream<ContainerEvent, any Error>.Iterator,
            until last: (ContainerEvent) -> Bool
        ) async throws -> [ContainerEvent] {
            var events: [ContainerEvent] = []
            while let event = try await iterator.next() {
                events.append(event)
                if last(event) { break }
            }
            return events
        }

        @Test(.timeLimit(.minutes(2))) func aTaskThatEnds() async throws {
            try await Machine.with { machine in
                var iterator = machine.ctr.events().makeAsyncIterator()
                let first = try await iterator.next()
                #expect(first == .subscribed)
                let task = try await machine.ctr.run(machine.spec("ends", ["/bin/sh", "-c", "exit 3"]))
                let (id, namespace, pid) = ("ends", Self.namespace, task.pid)
                var events = try await read(&iterator) { if case .taskExit = $0 { true } else { false } }
                events = events.filter { if case .other = $0 { false } else { true } }
                #expect(
                    events == [
                        .containerCreate(id: id, namespace: namespace, image: Machine.image),
                        .taskCreate(id: id, namespace: namespace, pid: pid),
                        .taskStart(id: id, namespace: namespace, pid: pid),
                        .taskExit(id: id, namespace: namespace, pid: pid, exitStatus: 3),
                    ])
                try await machine.ctr.delete("ends", namespace: namespace)
                events = try await read(&iterator) { if case .containerDelete = $0 { true } else { false } }
                #expect(events.contains(.taskDelete(id: id, namespace: namespace, pid: pid, exitStatus: 3)))
                let labels = try await machine.ctr.namespaces().first { $0.name == namespace }?.labels
                #expect(labels == [:])
            }
        }

        @Test(.timeLimit(.minutes(2))) func outOfMemory() async throws {
            try await Machine.with { machine in
                var iterator = machine.ctr.events().makeAsyncIterator()
                let first = try await iterator.next()
                #expect(first == .subscribed)
                var spec = machine.spec("hungry", ["/bin/tail", "/dev/zero"])
                spec.memoryLimitBytes = 16 << 20
                let task = try await machine.ctr.run(spec)
                let (id, namespace) = ("hungry", Self.namespace)
                let events = try await read(&iterator) { if case .taskExit = $0 { true } else { false } }
                #expect(events.last == .taskExit(id: id, namespace: namespace, pid: task.pid, exitStatus: 137))
            }
        }

        @Test(.timeLimit(.minutes(2))) func containerdGoesAway() async throws {
            try await Machine.with { machine in
                var iterator = machine.ctr.events().makeAsyncIterator()
                let first = try await iterator.next()
                #expect(first == .subscribed)
                machine.daemon.cancel()
                _ = try? await machine.daemon.value
                let error = await #expect(throws: ContainersError.self) {
                    while try await iterator.next() != nil {}
                }
                #expect(error?.code == .unavailable)
                let down = await #expect(throws: ContainersError.self) { try await machine.ctr.version() }
                #expect(down?.code == .unavailable)
                let early = await #expect(throws: ContainersError.self) {
                    var other = machine.ctr.events().makeAsyncIterator()
                    _ = try await other.next()
                }
                #expect(early?.code == .unavailable)
            }
        }

        @Test(.timeLimit(.minutes(2))) func aReaderWhoLeaves() async throws {
            try await Machine.with { machine in
                do {
                    var iterator = machine.ctr.events().makeAsyncIterator()
                    let first = try await iterator.next()
                    #expect(first == .subscribed)
                }
                _ = try await eventually {
                    Machine.processes(naming: machine.address).allSatisfy { pid in
                        SmallFile.read("/proc/\(pid)/cmdline")?.contains("events") != true
                    } ? true : nil
                }
            }
        }

        @Test func namespaces() async throws {
            try await Machine.with { machine in
                try await machine.ctr.createNamespace("one", labels: ["a": "1"])
                try await machine.ctr.createNamespace("one", labels: ["b": "x,y"])
                try await machine.ctr.createNamespace("one", labels: [:])
                let one = try await machine.ctr.namespaces().first { $0.name == "one" }
                #expect(one?.labels == ["a": "1", "b": "x,y"])
                try await machine.ctr.removeNamespace("one")
                try await machine.ctr.removeNamespace("one")
                #expect(try await !machine.ctr.namespaces().contains { $0.name == "one" })
                let error = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.removeNamespace(Machine.namespace)
                }
                #expect(error?.code == .invalidArgument)
                #expect(try await machine.ctr.list(namespace: "never-was").isEmpty)
            }
        }
    }
}
