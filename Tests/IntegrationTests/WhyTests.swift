import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Why a function is not ready, with real containers.
@Suite(.serialized) struct WhyTests {
    private func explanation(_ daemon: Daemon, _ name: String) async throws -> FunctionExplanation {
        let answer = try await daemon.admin()("GET", "/system/function/\(name)/why")
        guard answer.status == 200 else { throw TestFailure("\(answer.status): \(answer.body)") }
        return try JSONDecoder().decode(FunctionExplanation.self, from: Data(answer.body.utf8))
    }

    private func deploy(_ daemon: Daemon, _ name: String, _ fields: String) async throws -> Curl.Answer {
        let body = "{\"service\":\"\(name)\",\"image\":\"docker.io/faasd/busybox:latest\",\(fields)}"
        return try await daemon.admin()("POST", "/system/functions", body: body)
    }

    /// A program that lives long enough to be taken for a server that still comes up. The watchdog splits at spaces.
    private static func server(_ script: String) -> String {
        "\"envProcess\":\"sh -c \(script.replacing(" ", with: "${IFS}"))\","
            + #""envVars":{"mode":"http","upstream_url":"http://127.0.0.1:8000"}"#
    }

    @Test func everyStateHasItsSentence() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await deploy(daemon, "well", #""envProcess":"cat""#).status == 202)
            try await eventually("it serves") { try await explanation(daemon, "well").ready }
            let well = try await explanation(daemon, "well")
            #expect(well.state == "running" && well.reason == "its replica takes calls" && well.advice.isEmpty)
            #expect(well.events.contains { $0.text == "deployed image docker.io/faasd/busybox:latest" })
            let told = try await daemon.faasd("why", "well")
            #expect(told.code == 0 && told.output.hasPrefix("well.openfaas-fn is ready (running): its replica"))

            // At rest it is as good as ready.
            let zero = #"{"serviceName":"well","replicas":0}"#
            #expect(try await daemon.admin()("POST", "/system/scale-function/well", body: zero).status == 202)
            try await eventually("it is frozen") { try await explanation(daemon, "well").state == "frozen" }
            #expect(try await explanation(daemon, "well").ready)

            // No image: refused, and remembered.
            let body = #"{"service":"none","image":"127.0.0.1:1/nothing:latest"}"#
            #expect(try await daemon.admin()("POST", "/system/functions", body: body).status >= 400)
            let absent = try await daemon.faasd("why", "none")
            #expect(absent.code == 1)
            #expect(
                absent.output.contains("none.openfaas-fn is not deployed: at")
                    && absent.output.contains("the deployment of image 127.0.0.1:1/nothing:latest was refused:"),
                "\(absent.output)")
            let unknown = try await daemon.faasd("why", "never")
            #expect(unknown.code == 1 && unknown.output.contains("it was never deployed"), "\(unknown.output)")
        }
    }

    @Test func aCrashLoopIsNamedWithItsExitCodeAndWords() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let fields = Self.server("sleep 4; echo no-luck >&2; exit 3")
            #expect(try await deploy(daemon, "f", fields).status == 202)
            try await eventually("it ends", within: .seconds(40)) {
                try await explanation(daemon, "f").failure != nil
            }
            let found = try await explanation(daemon, "f")
            #expect(["failing", "crash-loop"].contains(found.state) && !found.ready)
            #expect(found.failure?.exitCode == 1 && found.failure?.cause == "exited")
            #expect(found.reason.contains("with exit code 1") && found.reason.contains("no-luck"), "\(found.reason)")
            #expect(found.advice.contains { $0.contains("faas-cli logs f") })
            #expect(found.lines.contains { $0.text.contains("no-luck") })
            let told = try await daemon.faasd("why", "f.openfaas-fn")
            #expect(told.code == 1 && told.output.contains("f.openfaas-fn is not ready"), "\(told.output)")
        }
    }

    @Test func whatIsKilledForItsMemoryIsNamed() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let fields = Self.server("sleep 4; exec tail /dev/zero") + #","limits":{"memory":"32Mi"}"#
            #expect(try await deploy(daemon, "f", fields).status == 202)
            try await eventually("it is killed", within: .seconds(40)) {
                try await explanation(daemon, "f").failure != nil
            }
            let found = try await explanation(daemon, "f")
            #expect(found.failure?.cause == "out-of-memory", "\(found)")
            #expect(found.reason.contains("its last process was killed: out of memory, limit 32Mi"), "\(found.reason)")
            #expect(found.advice.contains { $0.contains("raise limits.memory above 32Mi") })
        }
    }
}
