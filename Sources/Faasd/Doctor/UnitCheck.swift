import Containers
import Foundation

/// Looks at the unit as systemd sees it, where systemd runs.
struct UnitCheck: Sendable {
    /// So many restarts by themselves are no accident.
    private static let manyRestarts = 3

    let runner: any CommandRunner

    func run() async -> [Finding] {
        guard Systemctl.isRunning else { return [.fine("systemd does not run here; the daemon is started by hand")] }
        let properties = "LoadState,ActiveState,SubState,Result,UnitFileState,NRestarts,NeedDaemonReload"
        do {
            let result = try await runner.run(Command("systemctl", ["show", HostPaths.unit, "--property", properties]))
            return Self.findings(result.outputText)
        } catch {
            return [.warning("systemctl cannot be asked: \(error)", fix: "run it as root on the machine itself")]
        }
    }

    /// - Parameter text: lines `KEY=VALUE`, as `systemctl show` prints them.
    static func findings(_ text: String) -> [Finding] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        guard values["LoadState"] == "loaded" else {
            return [.warning("the unit faasd.service is not installed", fix: "sudo faasd install")]
        }
        var found: [Finding] = []
        switch values["ActiveState"] {
        case "active": found.append(.fine("the unit faasd.service is active"))
        case "failed":
            found.append(
                .problem(
                    "the unit faasd.service failed: \(values["Result"] ?? "unknown")",
                    fix: "journalctl -u faasd -n 50 says why; then: systemctl restart faasd"))
        case let state:
            found.append(
                .problem(
                    "the unit faasd.service is \(state ?? "unknown") (\(values["SubState"] ?? ""))",
                    fix: "systemctl start faasd"))
        }
        if let restarts = values["NRestarts"].flatMap({ Int($0) }), restarts > manyRestarts {
            found.append(
                .problem(
                    "systemd has restarted the daemon \(restarts) times",
                    fix: "journalctl -u faasd -p warning says why it ended"))
        }
        if let state = values["UnitFileState"], state != "enabled" {
            found.append(
                .warning("faasd does not start with the machine (\(state))", fix: "systemctl enable faasd"))
        }
        if values["NeedDaemonReload"] == "yes" {
            found.append(
                .warning("the unit's file was changed after systemd read it", fix: "systemctl daemon-reload"))
        }
        return found
    }
}
