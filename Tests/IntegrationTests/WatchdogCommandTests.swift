import Foundation
import TestSupport
import Testing

/// A function on the host, without a container.
@Suite(.serialized) struct WatchdogCommandTests {
    @Test func aCommandIsAFunction() async throws {
        let environment = try TestEnvironment()
        let port = 9_900 + Int.random(in: 0..<90)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: environment.faasd)
        process.arguments = ["watchdog", "--port", String(port), "--", "tr", "a-z", "A-Z"]
        process.environment = ["PATH": "/usr/bin:/bin", "FAASD_FWATCHDOG": environment.fwatchdog]
        process.standardError = FileHandle.nullDevice
        try process.run()
        let function = Curl(base: "http://127.0.0.1:\(port)")
        try await eventually("the watchdog serves") {
            guard process.isRunning else { throw TestFailure("faasd watchdog ended at its start") }
            return try await function("GET", "/_/health").status == 200
        }
        #expect(try await function("POST", "/", body: "hello").body == "HELLO")
        process.interrupt()
        try await eventually("Ctrl-C ends it") { !process.isRunning }
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }

    @Test func aMissingWatchdogIsNamed() async throws {
        let outcome = try await Shell.run(
            "env", ["FAASD_FWATCHDOG=/nonexistent/fwatchdog", try TestEnvironment().faasd, "watchdog", "--", "cat"])
        #expect(outcome.code == 1 && outcome.error.contains("cannot run /nonexistent/fwatchdog"))
    }
}
