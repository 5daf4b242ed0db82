import Foundation
import OpenFaaSAPI
import Synchronization
import TestSupport
import Testing

/// Replicas follow the load.
@Suite(.serialized) struct AutoscalingTests {
    private static let quick = ["--autoscaling-interval", "500ms", "--autoscaling-stable-window", "4s"]

    private func status(_ daemon: Daemon) async throws -> FunctionStatus {
        let answer = try await daemon.admin()("GET", "/system/function/f")
        return try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
    }

    private func deploy(_ daemon: Daemon, _ command: String, _ labels: String) async throws {
        try await daemon.importImage("busybox")
        let body = """
            {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"\(command)","labels":{\(labels)}}
            """
        let answer = try await daemon.admin()("POST", "/system/functions", body: body)
        #expect(answer.status == 202, "\(answer.body)")
    }

    @Test(arguments: Setup.allCases) func loadBringsReplicasAndItsEndTakesThem(setup: Setup) async throws {
        // In a split setup the gateway's own settings hold, a minute's window among them, so it is only seen to go up.
        try await Daemon.with(setup: setup, arguments: setup == .whole ? Self.quick : []) { daemon in
            // Each call sleeps for a tenth of a second.
            try await deploy(
                daemon, "sleep 0.1",
                #""com.openfaas.scale.max":"3","com.openfaas.scale.type":"capacity","com.openfaas.scale.target":"2""#)
            // Calls go on while replicas come.
            let load = SteadyLoad(on: daemon, path: "/function/f", body: "x", clients: 6, pause: .zero)
            let report = try await load.run(expecting: Answered()) {
                try await eventually("three replicas take calls", within: .seconds(60)) {
                    try await status(daemon).availableReplicas == 3
                }
                let page = try await daemon.admin()("GET", "/metrics").body
                #expect(
                    page.contains(#"gateway_service_target{function_name="f.openfaas-fn",scaling_type="capacity"} 2"#))
            }
            if setup == .whole {
                try await eventually("one is left", within: .seconds(60)) {
                    try await status(daemon).availableReplicas == 1
                }
            }
            #expect(report.calls > 20 && report.failed == 0, "\(report.complaints)")
        }
    }

    @Test func oneDeploymentThatHangsKeepsNoOtherFunction() async throws {
        try await Daemon.with(arguments: Self.quick + ["--ready-timeout", "20s"]) { daemon in
            try await deploy(daemon, "cat", #""com.openfaas.scale.max":"2","com.openfaas.scale.target":"2""#)
            let admin = try daemon.admin()
            let slow = """
                {"service":"slow","image":"docker.io/faasd/busybox:latest","envProcess":"cat",
                 "labels":{"com.openfaas.scale.zero":"true","com.openfaas.scale.zero-duration":"3s"},
                 "annotations":{"com.openfaas.ready.http.path":"/"}}
                """
            #expect(try await admin("POST", "/system/functions", body: slow).status == 202)
            // It never gets ready, and holds what changes the function until it is given up.
            async let update = Self.timed(admin, slow.replacing("\"cat\"", with: "\"false\""))
            try await eventually("the other one is scaled up", within: .seconds(15)) {
                #expect(try await daemon.curl("POST", "/function/f", body: "x").status == 200)
                return try await status(daemon).replicas == 2
            }
            let scaled = ContinuousClock.now
            let refused = try await update
            #expect(refused.status >= 400 && scaled < refused.end)
        }
    }

    private static func timed(
        _ admin: Curl, _ deployment: String
    ) async throws -> (status: Int, end: ContinuousClock.Instant) {
        let answer = try await admin("PUT", "/system/functions", body: deployment)
        return (answer.status, .now)
    }

    @Test func replicasGoWhileCallsGoOn() async throws {
        try await Daemon.with(arguments: Self.quick) { daemon in
            try await deploy(
                daemon, "cat",
                #""com.openfaas.scale.max":"3","com.openfaas.scale.type":"rps","com.openfaas.scale.target":"1000""#)
            #expect(
                try await daemon.admin()("POST", "/system/scale-function/f", body: #"{"replicas":3}"#).status == 202)
            try await eventually("three replicas take calls") { try await status(daemon).availableReplicas == 3 }
            // A call at a time is far below what one replica is meant to bear.
            try await eventually("one is left", within: .seconds(60)) {
                let answer = try await daemon.curl("POST", "/function/f", body: "x")
                #expect(answer.status == 200, "\(answer)")
                return try await status(daemon).availableReplicas == 1
            }
        }
    }

    @Test func whatNobodyCallsGoesToRestAndWakes() async throws {
        try await Daemon.with(arguments: Self.quick) { daemon in
            try await deploy(
                daemon, "cat", #""com.openfaas.scale.zero":"true","com.openfaas.scale.zero-duration":"2s""#)
            for round in 0..<2 {
                try await eventually("nobody calls it", within: .seconds(30)) {
                    try await status(daemon).replicas == 0
                }
                let answer = try await daemon.curl("POST", "/function/f", body: "wake \(round)")
                #expect(answer.status == 200 && answer.body == "wake \(round)", "\(answer)")
                #expect(try await status(daemon).replicas == 1)
            }
        }
    }
}
