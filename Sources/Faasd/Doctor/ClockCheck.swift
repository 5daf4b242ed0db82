import Containers
import Foundation

/// Looks at the clock, by which certificates, schedules and the order of deployments go.
enum ClockCheck {
    /// Nothing of this program is older: 2025-01-01.
    private static let earliest = 1_735_689_600

    static func run(_ runner: any CommandRunner) async -> [Finding] {
        var isSynchronized = true
        if Systemctl.isRunning {
            let arguments = ["show", "--property", "NTPSynchronized", "--value"]
            let result = try? await runner.run(Command("timedatectl", arguments))
            isSynchronized = result?.outputText.hasPrefix("no") != true
        }
        return [finding(now: time(nil), isSynchronized: isSynchronized)]
    }

    static func finding(now: Int, isSynchronized: Bool) -> Finding {
        if now < earliest {
            return .problem(
                "the clock is wrong: it is \(Date(timeIntervalSince1970: Double(now)).formatted(.iso8601))",
                fix: "timedatectl set-ntp true")
        }
        return isSynchronized
            ? .fine("the clock is right, as far as this machine knows")
            : .warning("nothing keeps the clock right", fix: "apt install systemd-timesyncd; timedatectl set-ntp true")
    }
}
