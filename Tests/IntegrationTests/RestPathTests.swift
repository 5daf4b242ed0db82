import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// What can be done to a function at rest.
@Suite(.serialized) struct RestPathTests {
    private func with(
        process: String = "cat", _ fields: String = #""constraints":[]"#,
        _ body: (Daemon, RestingFunction, _ frozen: String) async throws -> Void
    ) async throws {
        try await Daemon.with(arguments: ["--resync-interval", "2s"]) { daemon in
            try await daemon.importImage("busybox")
            let secret = #"{"name":"key","value":"first"}"#
            #expect(try await daemon.admin()("POST", "/system/secrets", body: secret).status == 201)
            let function = try await RestingFunction(on: daemon, process: process, fields)
            let id = try #require(try await function.freeze().first)
            try await body(daemon, function, id)
        }
    }

    @Test func itIsDeleted() async throws {
        try await with { daemon, function, _ in
            try await function.delete()
            #expect(try await daemon.ctr("containers", "ls", "-q").isEmpty)
            #expect(try await function.call().status == 404)
        }
    }

    @Test func itIsUpdated() async throws {
        try await with { daemon, function, id in
            try await function.deploy("PUT", process: "tr a-z A-Z")
            #expect(try await function.call().body == "HELLO")
            try await eventually("the old container is gone") {
                try await !daemon.ctr("containers", "ls", "-q").contains(id)
            }
        }
    }

    @Test func itIsScaledUpAndDown() async throws {
        try await with { _, function, id in
            try await function.scale(to: 2)
            try await eventually("two serve") { try await function.replicas(.ready).count == 2 }
            #expect(try await function.replicas(.ready).contains(id))
            try await function.scale(to: 1)
            try await eventually("one serves") { try await function.status.instances?.map(\.state) == [.ready] }
            #expect(try await function.freeze().count == 1)
            #expect(try await function.call().body == "hello")
        }
    }

    @Test func itsSecretIsReplaced() async throws {
        let fields = #""secrets":["key"]"#
        try await with(process: "cat /var/openfaas/secrets/key", fields) { daemon, function, _ in
            let second = #"{"name":"key","value":"second"}"#
            let answer = try await daemon.admin()("PUT", "/system/secrets", body: second)
            #expect(answer.status == 202)
            #expect(try await function.call().body == "second")
        }
    }

    @Test(arguments: [true, false]) func itIsKilled(byContainerd: Bool) async throws {
        try await with { daemon, function, id in
            if byContainerd {
                try await daemon.ctr("tasks", "kill", "--signal", "SIGKILL", id)
                try await eventually("it is gone") { try await function.status.instances == [] }
            } else {
                // The kernel keeps the signal until it is thawed.
                kill(try await function.process(id), SIGKILL)
            }
            #expect(try await function.call().body == "hello")
            #expect(try await function.replicas(.ready) != [id])
        }
    }

    @Test func itsContainerIsRemovedWhileTheDaemonIsDown() async throws {
        try await with { daemon, function, id in
            try await daemon.end(signal: SIGKILL)
            try await daemon.ctr("tasks", "rm", "--force", id)
            try await daemon.ctr("containers", "rm", id)
            try await daemon.start()
            try await eventually("it is forgotten") { try await function.status.instances == [] }
            #expect(try await function.status.replicas == 0)
            #expect(try await function.call().body == "hello")
        }
    }

    @Test func itsBridgeIsRemoved() async throws {
        try await with { daemon, function, id in
            try await Shell.must("ip", ["link", "delete", daemon.bridge])
            try await eventually("it is given up") { try await function.status.instances == [] }
            #expect(try await function.call().body == "hello")
            #expect(try await function.replicas(.ready) != [id])
        }
    }

    @Test func itsLogGoesOn() async throws {
        try await with(process: "sh -c cat>&2") { daemon, function, _ in
            #expect(try await function.call().status == 200)
            let answer = try await daemon.admin()("GET", "/system/logs?name=f&follow=false")
            #expect(answer.status == 200 && !answer.body.isEmpty)
        }
    }
}
