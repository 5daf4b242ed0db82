import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The files of deploy/ in a real Prometheus and a real Alertmanager.
@Suite(.serialized) struct AlertTests {
    private static let files = ["prometheus.yml", "alert.rules.yml", "alertmanager.yml"]
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy")

    @Test func theirOwnToolsAcceptTheFiles() async throws {
        let environment = try TestEnvironment()
        let scratch = FileManager.default.temporaryDirectory.appending(path: "faasd-rules-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        try FileManager.default.copyItem(at: Self.folder, to: scratch)
        let checks = [
            [environment.prometheus + "/promtool", "check", "config", scratch.path + "/prometheus.yml"],
            [environment.prometheus + "/promtool", "check", "rules", scratch.path + "/alert.rules.yml"],
            [environment.alertmanager + "/amtool", "check-config", scratch.path + "/alertmanager.yml"],
        ]
        for check in checks {
            let outcome = try await Shell.run(check[0], Array(check.dropFirst()))
            #expect(outcome.code == 0, "\(check): \(outcome.output) \(outcome.error)")
        }
    }

    /// The files as they are, but for addresses, paths, and times that a test can wait for.
    private func writeFiles(_ daemon: Daemon) throws {
        let changes = [
            ("127.0.0.1:9093", "127.0.0.1:\(daemon.secondSparePort)"),
            ("127.0.0.1:8082", "127.0.0.1:\(daemon.metricsPort)"),
            ("127.0.0.1:9090", "127.0.0.1:\(daemon.sparePort)"),
            ("http://127.0.0.1:8080", daemon.curl.base),
            ("/etc/prometheus/faasd-password", daemon.directory + "/data/secrets/basic-auth-password"),
            ("[20s]", "[5s]"), (": 5s", ": 1s"), (": 10s", ": 1s"), (": 30s", ": 2s"),
        ]
        for name in Self.files {
            var text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            for (from, to) in changes { text = text.replacing(from, with: to) }
            try text.write(toFile: "\(daemon.directory)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    private func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func replicas(_ daemon: Daemon) async throws -> UInt64 {
        let answer = try await daemon.admin()("GET", "/system/function/f")
        return try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8)).replicas
    }

    @Test func aFiringAlertScalesUpAndAResolvedOneDown() async throws {
        try await Daemon.with(arguments: ["--autoscaling", "false"]) { daemon in
            try await daemon.importImage("busybox")
            let function = """
                {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat",
                 "labels":{"com.openfaas.scale.max":"4","com.openfaas.scale.factor":"50"}}
                """
            #expect(try await daemon.admin()("POST", "/system/functions", body: function).status == 202)
            try writeFiles(daemon)
            let environment = daemon.environment
            let processes = [
                try start(
                    environment.prometheus + "/prometheus",
                    [
                        "--config.file", daemon.directory + "/prometheus.yml", "--log.level", "error",
                        "--storage.tsdb.path", daemon.directory + "/prometheus",
                        "--web.listen-address", "127.0.0.1:\(daemon.sparePort)",
                    ]),
                try start(
                    environment.alertmanager + "/prometheus-alertmanager",
                    [
                        "--config.file", daemon.directory + "/alertmanager.yml", "--log.level", "error",
                        "--storage.path", daemon.directory + "/alertmanager", "--cluster.listen-address", "",
                        "--web.listen-address", "127.0.0.1:\(daemon.secondSparePort)",
                    ]),
            ]
            defer {
                for process in processes {
                    process.terminate()
                    process.waitUntilExit()
                }
            }
            // Two replicas are the first step, four the second, when the alert is repeated.
            let load = SteadyLoad(
                on: daemon, path: "/function/f", body: "x", clients: 1, pause: .milliseconds(30))
            let report = try await load.run(expecting: Answered()) {
                try await eventually("the alert has scaled it up", within: .seconds(60)) {
                    try await replicas(daemon) == 4
                }
            }
            #expect(report.failed == 0, "\(report.complaints)")
            try await eventually("the resolved alert has scaled it down", within: .seconds(60)) {
                try await replicas(daemon) == 1
            }
        }
    }

    @Test func badNotificationsAreRefusedAndStrangersPassedOver() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let function = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
            #expect(try await admin("POST", "/system/functions", body: function).status == 202)
            func alert(_ body: String) async throws -> Int {
                try await admin("POST", "/system/alert", body: body).status
            }
            #expect(try await daemon.curl("POST", "/system/alert", body: "{}").status == 401)
            #expect(try await alert("") == 400)
            #expect(try await alert(#"{"alerts":1}"#) == 400)
            #expect(try await alert(#"{"alerts":[]}"#) == 200)
            let several = """
                {"version":"4","status":"firing","receiver":"scale","alerts":[
                 {"status":"firing","labels":{"alertname":"x","function_name":"nobody.openfaas-fn"}},
                 {"status":"firing","labels":{"alertname":"x"}},
                 {"status":"firing","labels":{"alertname":"x","function_name":"../etc.openfaas-fn"}},
                 {"status":"firing","labels":{"alertname":"x","function_name":"f.openfaas-fn"}}]}
                """
            #expect(try await alert(several) == 200)
            #expect(try await replicas(daemon) == 2)
            #expect(try await alert(several.replacing("\"firing\"", with: "\"resolved\"")) == 200)
            #expect(try await replicas(daemon) == 1)
            // What sleeps is woken by calls, not by alerts.
            #expect(try await admin("POST", "/system/scale-function/f", body: #"{"replicas":0}"#).status == 202)
            #expect(try await alert(several) == 200)
            #expect(try await replicas(daemon) == 0)
        }
    }
}
