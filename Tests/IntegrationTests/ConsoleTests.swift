import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// A real browser in the console of a real daemon: hack/console.d.
@Suite(.serialized) struct ConsoleTests {
    private var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("hack/console.d/console.py").path
    }

    @Test func aBrowserDoesWhatAPersonDoes() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let asks = daemon.directory + "/asks"
            // Set to look at the pictures afterwards.
            let pictures = ProcessInfo.processInfo.environment["FAASD_TEST_PICTURES"] ?? daemon.directory + "/pictures"
            try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
            let outcome = try await withThrowingTaskGroup(of: Shell.Outcome?.self) { group in
                group.addTask {
                    try await Shell.run(
                        "env",
                        [
                            // What it leaves in its home is to go with the daemon's directory.
                            "HOME=\(daemon.directory)", "PYTHONDONTWRITEBYTECODE=1", daemon.environment.browser, script,
                            daemon.curl.base, daemon.directory + "/data/secrets/basic-auth-password", pictures, asks,
                        ])
                }
                group.addTask {
                    try await Self.doFavours(for: asks, with: daemon)
                    return nil
                }
                defer { group.cancelAll() }
                while let ended = try await group.next() {
                    if let ended { return ended }
                }
                throw TestFailure("the script did not run")
            }
            #expect(outcome.code == 0, "\(outcome.output.suffix(8000))\n\(outcome.error.suffix(2000))")
            print(outcome.output)
        }
    }

    /// Does what the browser's script asks for, one thing after the other, until cancelled.
    private static func doFavours(for path: String, with daemon: Daemon) async throws {
        while true {
            // Cancelled when the script has ended.
            try await Task.sleep(for: .milliseconds(50))
            guard let favour = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
            let words = favour.split(separator: " ").map(String.init)
            switch words.first {
            case "stop": try await daemon.end(signal: SIGTERM)
            case "start": try await daemon.start()
            case "crash": try await crash(words[1], on: daemon)
            default: throw TestFailure("unknown favour \(favour)")
            }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Kills the replica of a function as soon as it serves.
    private static func crash(_ function: String, on daemon: Daemon) async throws {
        let admin = try daemon.admin()
        var replica: String?
        try await eventually("\(function) serves") {
            let answer = try await admin("GET", "/system/function/\(function)")
            let status = try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
            replica = status.instances?.first { $0.state == .ready }?.name
            return replica != nil
        }
        try await daemon.ctr("tasks", "kill", "--signal", "SIGKILL", try #require(replica))
    }
}
