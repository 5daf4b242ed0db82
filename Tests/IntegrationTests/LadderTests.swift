import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The steps below frozen.
@Suite(.serialized) struct LadderTests {
    private func with(
        reclaim: String = "0", stop: String = "0", process: String = "cat", _ fields: String = #""constraints":[]"#,
        _ body: (Daemon, RestingFunction) async throws -> Void
    ) async throws {
        let arguments = [
            "--resync-interval", "2s", "--idle-reclaim-after", reclaim, "--idle-stop-after", stop,
        ]
        try await Daemon.with(arguments: arguments) { daemon in
            try await daemon.importImage("busybox")
            try await body(daemon, try await RestingFunction(on: daemon, process: process, fields))
        }
    }

    /// Waits until all replicas have come to a step.
    private func rests(_ function: RestingFunction, _ state: FunctionInstance.State) async throws -> [String] {
        var ids: [String] = []
        try await eventually("all replicas are \(state)") {
            guard let instances = try await function.status.instances, !instances.isEmpty else { return false }
            ids = instances.map(\.name)
            return instances.allSatisfy { $0.state == state }
        }
        return ids
    }

    @Test func memoryIsTakenBackFromTheFrozen() async throws {
        try await with(reclaim: "1s") { daemon, function in
            let id = try #require(try await function.replicas(.ready).first)
            try await function.scale(to: 0)
            #expect(try await rests(function, .reclaimed) == [id])
            #expect(function.freezerState(id) == "FROZEN")
            #expect(try await function.call().body == "hello")
            #expect(try await function.status.wakeTimes?.reclaimed != nil)
            #expect(await daemon.logTail().contains("took memory back from a replica"))
        }
    }

    @Test func theStoppedIsStartedAgainWithItsFiles() async throws {
        try await with(stop: "1s", process: "tee -a /tmp/kept") { daemon, function in
            let before = try #require(try await function.status.instances?.first)
            #expect(try await function.call("first").body == "first")
            try await function.scale(to: 0)
            #expect(try await rests(function, .stopped) == [before.name])
            #expect(try await daemon.ctr("tasks", "ls", "-q").isEmpty)
            #expect(try await daemon.ctr("containers", "ls", "-q").contains(before.name))
            #expect(try await function.call("second").body == "second")
            let after = try #require(try await function.status.instances?.first)
            #expect(after.name == before.name && after.address == before.address && after.state == .ready)
            #expect(try await function.status.wakeTimes?.stopped != nil)
            let kept = try await daemon.ctr("tasks", "exec", "--exec-id", "look", before.name, "cat", "/tmp/kept")
            #expect(kept == "firstsecond")
            // And again, down and up.
            try await function.scale(to: 0)
            #expect(try await rests(function, .stopped) == [before.name])
            #expect(try await function.call("third").body == "third")
        }
    }

    @Test func theStoppedOutlivesTheDaemon() async throws {
        try await with(stop: "1s") { daemon, function in
            try await function.scale(to: 0)
            let ids = try await rests(function, .stopped)
            try await daemon.end(signal: SIGKILL)
            try await daemon.start()
            #expect(try await rests(function, .stopped) == ids)
            #expect(try await function.call().body == "hello")
            #expect(try await function.replicas(.ready) == ids)
        }
    }

    @Test func theStoppedIsMadeAnewWhenItsContainerIsGone() async throws {
        try await with(stop: "1s") { daemon, function in
            try await function.scale(to: 0)
            let ids = try await rests(function, .stopped)
            try await daemon.ctr("containers", "rm", ids[0])
            #expect(try await function.call().body == "hello")
            try await eventually("another serves") {
                let ready = try await function.replicas(.ready)
                return !ready.isEmpty && ready != ids
            }
        }
    }

    @Test func theStoppedIsDeletedUpdatedAndScaled() async throws {
        try await with(stop: "1s") { daemon, function in
            try await function.scale(to: 0)
            _ = try await rests(function, .stopped)
            try await function.scale(to: 2)
            try await eventually("two serve") { try await function.replicas(.ready).count == 2 }
            try await function.scale(to: 0)
            _ = try await rests(function, .stopped)
            try await function.deploy("PUT", process: "tr a-z A-Z")
            #expect(try await function.call().body == "HELLO")
            try await function.scale(to: 0)
            _ = try await rests(function, .stopped)
            try await function.delete()
            #expect(try await daemon.ctr("containers", "ls", "-q").isEmpty)
        }
    }

    @Test func theReserveIsNeverStopped() async throws {
        let fields = #""labels":{"com.openfaas.scale.warm":"1","com.openfaas.scale.stop-duration":"1s"}"#
        try await with(fields) { _, function in
            try await eventually("one serves, and one waits") {
                try await function.status.instances?.map(\.state) == [.ready, .frozen]
            }
            try await function.scale(to: 0)
            try await eventually("one is stopped, and one waits") {
                try await function.status.instances?.map(\.state.rawValue).sorted() == ["frozen", "stopped"]
            }
            #expect(try await function.call().body == "hello")
            #expect(try await function.status.wakeTimes?.frozen != nil)
        }
    }
}
