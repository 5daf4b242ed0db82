import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The files of deploy/ in a real Prometheus and a real Alertmanager.
@Suite(.serialized) struct AlertTests {
    @Test func theirOwnToolsAcceptTheFiles() async throws {
        let environment = try TestEnvironment()
        let scratch = FileManager.default.temporaryDirectory.appending(path: "faasd-rules-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        try FileManager.default.copyItem(at: Monitoring.folder, to: scratch)
        let checks = [
            [environment.prometheus + "/promtool", "check", "config", scratch.path + "/prometheus.yml"],
            [environment.prometheus + "/promtool", "check", "rules", scratch.path + "/alert.rules.yml"],
            [environment.prometheus + "/promtool", "test", "rules", scratch.path + "/alert.rules.test.yml"],
            [environment.alertmanager + "/amtool", "check-config", scratch.path + "/alertmanager.yml"],
        ]
        for check in checks {
            let outcome = try await Shell.run(check[0], Array(check.dropFirst()))
            #expect(outcome.code == 0, "\(check): \(outcome.output) \(outcome.error)")
        }
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
            let monitoring = Monitoring(daemon: daemon)
            try monitoring.writeFiles()
            let alertmanager = try Monitoring.start(
                daemon.environment.alertmanager + "/prometheus-alertmanager",
                [
                    "--config.file", daemon.directory + "/alertmanager.yml", "--log.level", "error",
                    "--storage.path", daemon.directory + "/alertmanager", "--cluster.listen-address", "",
                    "--web.listen-address", "127.0.0.1:\(daemon.secondSparePort)",
                ])
            defer {
                alertmanager.terminate()
                alertmanager.waitUntilExit()
            }
            try await monitoring.withPrometheus { try await followsTheLoad(daemon) }
        }
    }

    private func followsTheLoad(_ daemon: Daemon) async throws {
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
