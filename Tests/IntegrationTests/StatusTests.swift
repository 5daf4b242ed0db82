import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// What the API tells of a function's replicas.
@Suite(.serialized) struct StatusTests {
    private func status(_ daemon: Daemon, query: String = "") async throws -> FunctionStatus {
        let answer = try await daemon.admin()("GET", "/system/function/f" + query)
        return try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
    }

    private func deploy(_ daemon: Daemon, _ fields: String, method: String = "POST") async throws -> Curl.Answer {
        let body = "{\"service\":\"f\",\"image\":\"docker.io/faasd/busybox:latest\",\(fields)}"
        return try await daemon.admin()(method, "/system/functions", body: body)
    }

    @Test func usageComesFromTheControlGroup() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let busy = #""envProcess":"cat","envVars":{"mode":"streaming"},"limits":{"memory":"64Mi"}"#
            #expect(try await deploy(daemon, busy).status == 202)
            #expect(try await status(daemon).usage == nil)
            let usage = try #require(try await status(daemon, query: "?usage=1").usage)
            #expect((100_000..<67_108_864).contains(usage.totalMemoryBytes))
            #expect(usage.cpu >= 0)
            let listed = try await daemon.admin()("GET", "/system/functions?usage=1")
            let functions = try JSONDecoder().decode([FunctionStatus].self, from: Data(listed.body.utf8))
            let memory = functions.first?.usage?.totalMemoryBytes ?? 0
            #expect(memory > 100_000)
        }
    }

    @Test func eachReplicaIsTold() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let two = #""envProcess":"cat","labels":{"com.openfaas.scale.min":"2"}"#
            #expect(try await deploy(daemon, two).status == 202)
            try await eventually("two replicas serve") { try await status(daemon).availableReplicas == 2 }
            let instances = try #require(try await status(daemon).instances)
            #expect(instances.map(\.state) == [.ready, .ready])
            #expect(Set(instances.compactMap(\.address)).count == 2)
            #expect(instances.map(\.current) == [true, true])
            #expect(try await status(daemon).failure == nil)
        }
    }

    @Test func aCrashLoopIsNamed() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            // It serves for a moment and ends: in the trial it is ready, and then it crashes again and again.
            let fields = """
                "annotations":{"com.openfaas.watchdog":"image"},"envVars":{"a":"b"}
                """
            #expect(try await deploy(daemon, #""envProcess":"cat""#).status == 202)
            for _ in 1...3 {
                let before = try await status(daemon).failure?.count ?? 0
                let id = try #require(try await status(daemon).instances?.first { $0.state == .ready }?.name)
                try await daemon.ctr("tasks", "kill", "--signal", "SIGKILL", id)
                try await eventually("the end is noticed") {
                    try await status(daemon).failure.map { $0.count > before } ?? false
                }
                try await eventually("another serves") { try await status(daemon).availableReplicas == 1 }
            }
            let failure = try #require(try await status(daemon).failure)
            #expect(failure.count == 3 && failure.reason.contains("ended"))
            // An image without a server ends at once: refused with what it wrote, and the old one goes on.
            let refused = try await deploy(daemon, fields, method: "PUT")
            #expect(refused.status == 400 && refused.body.contains("ended"))
            #expect(try await daemon.curl("POST", "/function/f", body: "still").body == "still")
        }
    }

    @Test func aFunctionIsReadyWhenItsPathSaysSo() async throws {
        try await Daemon.with(arguments: ["--ready-timeout", "3s"]) { daemon in
            try await daemon.importImage("busybox")
            #expect(try await deploy(daemon, #""envProcess":"cat""#).status == 202)
            // The function answers 500 as its process fails, so this one never is.
            let never = #""envProcess":"false","annotations":{"com.openfaas.ready.http.path":"/never"}"#
            let refused = try await deploy(daemon, never, method: "PUT")
            #expect(refused.status == 400 && refused.body.contains("did not serve within"), "\(refused.body)")
            #expect(try await daemon.curl("POST", "/function/f", body: "still").body == "still")
            let ready = #""envProcess":"tr a-z A-Z","annotations":{"com.openfaas.ready.http.path":"/ready"}"#
            #expect(try await deploy(daemon, ready, method: "PUT").status == 202)
            #expect(try await daemon.curl("POST", "/function/f", body: "new").body == "NEW")
            let bad = #""annotations":{"com.openfaas.ready.http.path":"no path"}"#
            #expect(try await deploy(daemon, bad, method: "PUT").status == 400)
        }
    }
}
