import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// A function at zero is frozen, costs no processor time, and answers the next call.
@Suite(.serialized) struct RestTests {
    private func with(
        _ process: String = "cat", _ fields: String = #""constraints":[]"#, arguments: [String] = [],
        _ body: (Daemon, RestingFunction) async throws -> Void
    ) async throws {
        try await Daemon.with(arguments: arguments) { daemon in
            try await daemon.importImage("busybox")
            try await body(daemon, try await RestingFunction(on: daemon, process: process, fields))
        }
    }

    @Test func atRestNothingRunsAndTheSameContainerAnswers() async throws {
        try await with(arguments: ["--resync-interval", "1s"]) { daemon, function in
            let ids = try await function.freeze()
            #expect(ids.count == 1)
            let used = try #require(function.processorTime(ids[0]))
            // Whatever looks at it must not let it go on.
            let admin = try daemon.admin()
            for path in ["/system/functions?usage=1", "/system/function/f?usage=1", "/metrics", "/system/functions"] {
                #expect(try await admin("GET", path).status == 200)
            }
            // Several times the interval in which everything is looked at.
            try await Task.sleep(for: .seconds(4))
            #expect(function.processorTime(ids[0]) == used && function.freezerState(ids[0]) == "FROZEN")
            #expect(try await function.status.wakeTimes == nil)
            #expect(try await function.call().body == "hello")
            #expect(try await function.replicas(.ready) == ids)
            let seconds = try #require(try await function.status.wakeTimes?.frozen)
            #expect(seconds > 0 && seconds < 10)
            #expect(function.freezerState(ids[0]) == "THAWED")
            #expect(try await function.call("again").body == "again")
        }
    }

    @Test func severalReplicasRestAndRiseTogether() async throws {
        try await with("cat", #""labels":{"com.openfaas.scale.min":"3"}"#) { _, function in
            try await eventually("three serve") { try await function.replicas(.ready).count == 3 }
            let ids = Set(try await function.freeze())
            #expect(ids.count == 3)
            #expect(try await function.call().body == "hello")
            #expect(Set(try await function.replicas(.ready)) == ids)
        }
    }

    @Test func aCallUnderWayEndsAndOneThatComesMeanwhileDoesNotWaitForIt() async throws {
        try await with("sleep 6") { daemon, function in
            async let long = function.call()
            try await eventually("the call is under way") {
                try await daemon.ctr("tasks", "ls").contains("RUNNING")
                    && FileManager.default.contentsOfDirectory(atPath: "/proc").contains { entry in
                        (try? String(contentsOfFile: "/proc/\(entry)/cmdline", encoding: .utf8)) == "sleep\06\0"
                    }
            }
            let id = try #require(try await function.replicas(.ready).first)
            try await function.scale(to: 0)
            try await eventually("it takes no new calls") { try await function.replicas(.resting) == [id] }
            #expect(function.freezerState(id) == "THAWED")
            // Another call turns it back at once, long before the first has ended.
            async let second = function.call()
            try await eventually("it serves", within: .seconds(4)) { try await function.replicas(.ready) == [id] }
            #expect(try await long.status == 200)
            #expect(try await second.status == 200)
        }
    }

    @Test(arguments: [true, false]) func aKilledDaemonTakesItOver(atZero: Bool) async throws {
        try await with { daemon, function in
            let id = try #require(try await function.replicas(.ready).first)
            if atZero {
                #expect(try await function.freeze() == [id])
                try await daemon.end(signal: SIGKILL)
            } else {
                try await daemon.end(signal: SIGKILL)
                // As if it had been killed when the number was on disk, and the replica not thawed yet.
                try function.setFreezer(id, frozen: true)
            }
            try await daemon.start()
            if atZero {
                #expect(try await function.frozen() == [id])
                #expect(try await function.status.replicas == 0)
            } else {
                try await eventually("it serves") { try await function.replicas(.ready) == [id] }
            }
            #expect(try await function.call().body == "hello")
            #expect(try await function.replicas(.ready) == [id])
        }
    }

    @Test func aDaemonKilledOnTheWayToRestGoesOnWithIt() async throws {
        try await with("sleep 5") { daemon, function in
            async let long = function.call()
            let id = try #require(try await function.replicas(.ready).first)
            try await function.scale(to: 0)
            try await daemon.end(signal: SIGKILL)
            _ = try await long
            try await daemon.start()
            #expect(try await function.frozen() == [id])
        }
    }

    @Test func theReserveIsNeverCalledAndUsedFirst() async throws {
        let labels = #""labels":{"com.openfaas.scale.warm":"1","com.openfaas.scale.max":"3"}"#
        try await with("hostname", labels) { _, function in
            try await eventually("one serves, and one waits") {
                let states = try await function.status.instances?.map(\.state)
                return states == [.ready, .frozen]
            }
            let reserve = try #require(try await function.replicas(.frozen).first)
            let status = try await function.status
            #expect(status.replicas == 1 && status.availableReplicas == 1)
            try await function.scale(to: 2)
            try await eventually("it serves") { try await function.replicas(.ready).contains(reserve) }
            try await eventually("another waits") {
                let states = try await function.status.instances?.map(\.state)
                return states == [.ready, .ready, .frozen]
            }
            try await function.scale(to: 0)
            #expect(try await function.frozen().count == 2)
            #expect(try await function.call().status == 200)
            try await eventually("one serves, and one waits") {
                Set(try await function.status.instances?.map(\.state) ?? []) == [.ready, .frozen]
            }
        }
    }
}
