import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// What is promised outlives the daemon, and what is killed comes back.
@Suite(.serialized) struct SurvivalTests {
    private let deployment = """
        {"service":"host","image":"docker.io/faasd/busybox:latest","envProcess":"hostname"}
        """

    private func containers(_ daemon: Daemon) async throws -> [String] {
        try await daemon.ctr("tasks", "ls").split(separator: "\n").dropFirst().map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
    }

    @Test func theSameContainerAnswersAfterTheDaemonWasKilled() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await daemon.admin()("POST", "/system/functions", body: deployment).status == 202)
            let before = try await containers(daemon)
            #expect(before.count == 1)
            try await daemon.end(signal: SIGKILL)
            #expect(try await containers(daemon) == before)
            try await daemon.start()
            #expect(try await daemon.curl("GET", "/function/host").status == 200)
            #expect(try await containers(daemon) == before)
        }
    }

    @Test func fromTheFirstMomentAfterAStartFunctionsAreKnown() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await daemon.admin()("POST", "/system/functions", body: deployment).status == 202)
            let load = SteadyLoad(on: daemon, path: "/function/host", clients: 4, pause: .microseconds(100))
            let report = try await load.run(expecting: Answered()) {
                for _ in 1...5 {
                    try await daemon.end(signal: SIGKILL)
                    try await daemon.start()
                }
            }
            // Others found nobody who listens.
            #expect(Set(report.statuses.keys) == [200], "\(report.statuses)")
        }
    }

    @Test func theDaemonEndsOnSIGTERMAndTheFunctionStays() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await daemon.admin()("POST", "/system/functions", body: deployment).status == 202)
            let before = try await containers(daemon)
            try await daemon.end(signal: SIGTERM)
            #expect(try await containers(daemon) == before)
            try await daemon.start()
            #expect(try await daemon.curl("GET", "/function/host").status == 200)
        }
    }

    @Test func aProcessKilledForItsMemoryIsNamed() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let function = """
                {"service":"hog","image":"docker.io/faasd/busybox:latest","envProcess":"sh","limits":{"memory":"32Mi"}}
                """
            #expect(try await daemon.admin()("POST", "/system/functions", body: function).status == 202)
            // A file that has no end of a line, which tail keeps whole.
            #expect(try await daemon.curl("POST", "/function/hog", body: "tail /dev/zero").status == 500)
            try await eventually("the log names it") {
                await daemon.warnings().contains { $0.contains("at the memory limit") && $0.contains("hog-") }
            }
            #expect(try await daemon.curl("POST", "/function/hog", body: "echo on").body == "on\n")
        }
    }

    @Test func aKilledContainerComesBack() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await daemon.admin()("POST", "/system/functions", body: deployment).status == 202)
            let before = try await containers(daemon)
            let id = try #require(before.first?.split(separator: " ").first.map(String.init))
            try await daemon.ctr("tasks", "kill", "--signal", "SIGKILL", id)
            try await eventually("another container runs") {
                let now = try await containers(daemon)
                return now.count == 1 && now != before
            }
            #expect(try await daemon.curl("GET", "/function/host").status == 200)
        }
    }

    @Test func aContainerRemovedWhileTheDaemonWasDownComesBack() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await daemon.admin()("POST", "/system/functions", body: deployment).status == 202)
            let id = try #require(try await containers(daemon).first?.split(separator: " ").first.map(String.init))
            try await daemon.end(signal: SIGKILL)
            try await daemon.ctr("tasks", "rm", "--force", id)
            try await daemon.ctr("containers", "rm", id)
            try await daemon.start()
            #expect(try await daemon.curl("GET", "/function/host").status == 200)
            #expect(try await containers(daemon).count == 1)
        }
    }
}
