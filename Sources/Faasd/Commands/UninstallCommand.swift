import ArgumentParser
import Containers
import Foundation
import Logging

/// `faasd uninstall`
struct UninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Stop faasd, remove its functions' containers, its unit and its programs.",
        discussion: "What was deployed stays in the data directory, unless --purge is given.")

    @Flag(help: "Remove the data directory, too: functions, secrets and password; and the functions' images.")
    var purge = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        try Root.require(for: "uninstall")
        let configuration = try settings.configuration()
        let machine = try MachineParts(configuration, logger: .init(label: "uninstall"))
        let paths = HostPaths(root: "/")
        let systemctl = Systemctl(runner: machine.runner)
        let hasUnit = FileManager.default.fileExists(atPath: paths.unitFile)
        // The sockets first: what comes in would start the service again.
        for (unit, file) in [(HostPaths.socketUnit, paths.socketUnitFile), (HostPaths.unit, paths.unitFile)]
        where Systemctl.isRunning && FileManager.default.fileExists(atPath: file) {
            try await systemctl("disable", "--now", unit)
        }
        let problems = try await Teardown(configuration: configuration, machine: machine).run(purging: purge)
        for problem in problems { print(problem) }
        try CommandLink(paths: paths).remove()
        for path in [paths.unitFile, paths.socketUnitFile, paths.binary, paths.watchdog] {
            try InstalledFile.remove(path)
        }
        if hasUnit, Systemctl.isRunning { try await systemctl("daemon-reload") }
        if purge { try remove(configuration.dataDirectory) }
        try remove(configuration.runDirectory)
        print("faasd is uninstalled" + (purge ? "" : "; \(configuration.dataDirectory) was kept (--purge removes it)"))
    }

    private func remove(_ directory: String) throws {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        try FileManager.default.removeItem(atPath: directory)
    }
}
