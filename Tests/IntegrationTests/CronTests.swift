import Foundation
import TestSupport
import Testing

/// Functions that the clock calls.
@Suite(.serialized) struct CronTests {
    @Test func aFunctionRunsByTheClock() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy(
                "seen", "tee -a /tmp/seen",
                annotations: [
                    "topic": "cron-function", "schedule": "@every 2s", "com.openfaas.cron.body": "wake up\\n",
                ])
            try await eventually("it has run twice", within: .seconds(30)) {
                try await fixture.calls(of: "seen").filter { $0["state"] as? String == "succeeded" }.count >= 2
            }
            let runs = try await fixture.runs(of: "seen")
            #expect(Set(runs).count == runs.count && runs.allSatisfy { Int($0.timeIntervalSince1970) % 2 == 0 })
            let seen = try await fixture.seen("seen")
            #expect(seen.count >= 2 && Set(seen) == ["wake up"], "\(seen)")
            let trigger = try #require(try await fixture.triggers(of: "seen").first)
            #expect(trigger["source"] as? String == "cron" && trigger["schedule"] as? String == "@every 2s")
            #expect(trigger["timezone"] as? String == "UTC" && trigger["lastError"] == nil)
            #expect(trigger["nextRunAt"] != nil && trigger["lastRunAt"] != nil)
            let call = try #require(trigger["lastCallId"] as? String)
            #expect(try await fixture.status(call)["function"] as? String == "seen")
            let labels = #"{source="cron",topic="cron-function",function_name="seen.openfaas-fn"}"#
            let metrics = try await fixture.admin("GET", "/metrics").body
            #expect(metrics.contains("faasd_trigger_deliveries_total\(labels) "))
            #expect(metrics.contains("faasd_trigger_next_run_timestamp_seconds\(labels) "))
            #expect(try await fixture.daemon.curl("GET", "/system/triggers").status == 401)
        }
    }

    @Test func aFunctionThatIsRemovedRunsNoMore() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy(
                "seen", "cat", annotations: ["topic": "cron-function", "schedule": "@every 1s"])
            try await eventually("it runs") { try await !fixture.runs(of: "seen").isEmpty }
            #expect(
                try await fixture.admin("DELETE", "/system/functions", body: #"{"functionName":"seen"}"#).status == 202)
            try await eventually("it has no trigger") { try await fixture.triggers(of: "seen").isEmpty }
            let count = try await fixture.runs(of: "seen").count
            try await fixture.deploy("other", "cat", annotations: ["topic": "cron-function", "schedule": "@every 1s"])
            try await eventually("another runs on") { try await fixture.runs(of: "other").count >= 3 }
            #expect(try await fixture.runs(of: "seen").count == count)
        }
    }

    /// The daemon is killed, and is down while runs were due.
    @Test func whatWasMissedIsMadeUpForByPolicy() async throws {
        try await AsyncFixture.with { fixture in
            for policy in ["skip", "once", "all"] {
                try await fixture.deploy(
                    policy, "cat",
                    annotations: [
                        "topic": "cron-function", "schedule": "@every 2s", "com.openfaas.cron.missed": policy,
                    ])
            }
            for policy in ["skip", "once", "all"] {
                try await eventually("\(policy) runs") { try await fixture.runs(of: policy).count >= 2 }
            }
            try await fixture.daemon.end(signal: SIGKILL)
            let killed = Date()
            try await eventually("four runs are missed") { Date().timeIntervalSince(killed) > 9 }
            let started = Date()
            try await fixture.daemon.start()
            for policy in ["skip", "once", "all"] {
                try await eventually("\(policy) runs again") {
                    try await fixture.runs(of: policy).contains { $0 > started.addingTimeInterval(2) }
                }
            }
            func missed(_ policy: String) async throws -> [Date] {
                try await fixture.runs(of: policy).filter {
                    $0 > killed.addingTimeInterval(1) && $0 < started.addingTimeInterval(-1)
                }
            }
            #expect(try await missed("skip").isEmpty)
            #expect(try await missed("once").count <= 1)
            #expect(try await missed("all").count >= 3)
            for policy in ["skip", "once", "all"] {
                let runs = try await fixture.runs(of: policy)
                #expect(Set(runs).count == runs.count, "\(policy) ran twice for one time: \(runs)")
            }
        }
    }

    @Test func runsDoNotOverlapWhereTheyMustNot() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy(
                "slow", "sleep 6",
                annotations: [
                    "topic": "cron-function", "schedule": "@every 1s", "com.openfaas.cron.overlap": "skip",
                ])
            let labels = #"{source="cron",topic="cron-function",function_name="slow.openfaas-fn"}"#
            try await eventually("runs were left out", within: .seconds(30)) {
                let metrics = try await fixture.admin("GET", "/metrics").body
                return try metrics.firstMatch(
                    of: Regex("faasd_trigger_overlaps_total\(NSRegularExpression.escapedPattern(for: labels)) [2-9]"))
                    != nil
            }
            let under = try await fixture.calls(of: "slow").filter {
                ["waiting", "running"].contains($0["state"] as? String)
            }
            #expect(under.count == 1)
            for call in under { _ = try await fixture.admin("DELETE", "/system/async/calls/\(call["id"] ?? "")") }
        }
    }

    @Test func whatCannotBeKeptIsRefused() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            for (annotations, reason) in [
                (#""topic":"cron-function""#, "schedule is missing"),
                (#""topic":"cron-function","schedule":"61 * * * *""#, "the minute must be 0 to 59"),
                (#""topic":"cron-function","schedule":"0 0 31 2 *""#, "never run"),
                (#""topic":"cron-function","schedule":"CRON_TZ=Nowhere/Land @daily""#, "Nowhere/Land"),
                (
                    #""topic":"cron-function","schedule":"@daily","com.openfaas.cron.timezone":"Mars/Base""#,
                    "com.openfaas.cron.timezone must be"
                ),
                (
                    #""topic":"cron-function","schedule":"@daily","com.openfaas.cron.overlap":"maybe""#,
                    "com.openfaas.cron.overlap must be allow, skip or queue"
                ),
                (#""topic":"drop:../up""#, "must be drop:NAME"),
            ] {
                let answer = try await admin(
                    "POST", "/system/functions",
                    body: """
                        {"service":"bad","image":"docker.io/faasd/busybox:latest","envProcess":"cat",
                         "annotations":{\(annotations)}}
                        """)
                #expect(answer.status == 400 && answer.body.contains(reason), "\(answer.status) \(answer.body)")
            }
        }
    }

    /// A gateway before a provider makes the runs; the provider itself makes none.
    @Test func aGatewayBeforeAProviderHasSchedulesToo() async throws {
        try await AsyncFixture.with(setup: .split) { fixture in
            try await fixture.deploy("seen", "cat", annotations: ["topic": "cron-function", "schedule": "@every 1s"])
            try await eventually("it runs", within: .seconds(30)) {
                try await fixture.calls(of: "seen").contains { $0["state"] as? String == "succeeded" }
            }
            let provider = Curl(base: fixture.daemon.providerCurl.base, credentials: fixture.admin.credentials)
            #expect(try await provider("GET", "/system/triggers").status == 404)
        }
    }

    /// Made ready a moment before its run, a function that was scaled to zero is there when the run comes.
    @Test func aFunctionAtRestIsMadeReady() async throws {
        try await AsyncFixture.with(["--cron-prewake", "3s"]) { fixture in
            try await fixture.deploy("seen", "cat", annotations: ["topic": "cron-function", "schedule": "@every 20s"])
            try await eventually("the next run is far", within: .seconds(40)) {
                guard let text = try await fixture.triggers(of: "seen").first?["nextRunAt"] as? String else {
                    return false
                }
                let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
                return try Date(text, strategy: style).timeIntervalSinceNow > 12
            }
            #expect(
                try await fixture.admin("POST", "/system/scale-function/seen", body: #"{"replicas":0}"#).status == 202)
            func replicas() async throws -> Int {
                let answer = try await fixture.admin("GET", "/system/function/seen")
                let status = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
                return status?["availableReplicas"] as? Int ?? 0
            }
            try await eventually("it is at rest") { try await replicas() == 0 }
            let before = try await fixture.runs(of: "seen").count
            try await eventually("it is ready", within: .seconds(30)) { try await replicas() == 1 }
            #expect(try await fixture.runs(of: "seen").count == before)
        }
    }
}
