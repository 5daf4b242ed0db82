import Containers
import Foundation

/// The system's service manager.
struct Systemctl: Sendable {
    let runner: any CommandRunner

    /// Whether systemd runs this machine (sd_booted(3)).
    static var isRunning: Bool { FileManager.default.fileExists(atPath: "/run/systemd/system") }

    /// Runs `systemctl` and throws its own words when it fails.
    func callAsFunction(_ arguments: String...) async throws {
        // A stop may wait for calls under way and for the functions' end.
        let result = try await runner.run(Command("systemctl", arguments, timeLimit: .seconds(120)))
        guard result.succeeded else {
            throw InstallError("systemctl \(arguments.joined(separator: " ")) failed: \(result.error)")
        }
    }

    /// Properties of a unit, as `systemctl show` prints them; absent ones are left out.
    func show(_ unit: String, _ properties: [String]) async throws -> [String: String] {
        let names = properties.joined(separator: ",")
        let result = try await runner.run(Command("systemctl", ["show", unit, "--property", names]))
        let pairs = result.outputText.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
