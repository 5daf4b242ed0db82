import ArgumentParser
import Containers
import Foundation
import Glibc
import OpenFaaSAPI

/// `faasd upgrade`
struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Replace the installed faasd, and go back to it if the new one does not work.",
        discussion: "Functions go on running, and no call is lost. Without --from the program itself is the new one: "
            + "sudo ./faasd upgrade")

    @Option(help: "The new faasd; its fwatchdog must be beside it.")
    var from: String?

    @Option(help: "How long the new one may take to answer before the old one is put back, such as 60s.")
    var timeout = "60s"

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        try Root.require(for: "upgrade")
        guard let limit = GoDuration.parse(timeout), limit >= .seconds(5) else {
            throw InstallError("--timeout must be a time of at least 5s, such as 60s")
        }
        guard Systemctl.isRunning else {
            throw InstallError("systemd is not running here: stop the daemon, and start the new one in its place")
        }
        let source = URL(fileURLWithPath: from ?? Executable.path).standardizedFileURL.path
        let upgrade = Upgrade(
            source: source, configuration: try settings.configuration(), paths: HostPaths(root: "/"), limit: limit,
            runner: SubprocessRunner())
        // Half done, nobody would look whether the new one works.
        for number in [SIGINT, SIGHUP, SIGTERM] { signal(number, SIG_IGN) }
        try await upgrade.run()
    }
}
