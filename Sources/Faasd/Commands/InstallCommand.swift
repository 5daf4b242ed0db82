import ArgumentParser
import Containers
import Foundation
import Gateway
import Logging

/// `faasd install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install and start faasd as a service of systemd.",
        discussion: "May be run again: it replaces the programs and the unit, and keeps password and functions.")

    @Flag(help: "Do not start the service.")
    var noStart = false

    @Option(help: "Install below this directory, as for a disk image; implies --no-start.")
    var root = "/"

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let paths = HostPaths(root: root)
        try Root.require(for: "install")
        let configuration = try settings.configuration()
        let machine = try MachineParts(configuration, logger: .init(label: "install"))
        if paths.isThisMachine { try await check(configuration, machine) }
        try copyPrograms(to: paths, watchdog: configuration.watchdogPath)
        let credentials = paths.root + configuration.secretsDirectory
        _ = try Credentials(secretsDirectory: credentials)
        guard let unit = Assets.bytes(of: HostPaths.unit) else { throw InstallError("the unit is not embedded") }
        try InstalledFile.write(unit, to: paths.unitFile, permissions: 0o644)
        print("installed \(paths.unitFile)")
        guard paths.isThisMachine, Systemctl.isRunning else {
            print("systemd is not running here; start the daemon with: \(paths.binary) up")
            return
        }
        try await start(Systemctl(runner: machine.runner))
        let password = Credentials.passwordPath(secretsDirectory: configuration.secretsDirectory)
        print("log in with: sudo cat \(password) | faas-cli login --password-stdin")
    }

    private func check(_ configuration: Configuration, _ machine: MachineParts) async throws {
        let preflight = Preflight(configuration: configuration, runner: machine.runner, runtime: machine.ctr)
        let findings = await preflight.run()
        for finding in findings { print("\(finding.weight == .fine ? "ok     " : "PROBLEM") \(finding.text)") }
        guard !findings.contains(where: { $0.weight == .missing }) else {
            throw InstallError("install what is missing, then run: sudo faasd install")
        }
    }

    private func copyPrograms(to paths: HostPaths, watchdog: String) throws {
        for (source, target) in [(Executable.path, paths.binary), (watchdog, paths.watchdog)]
        where try InstalledFile.copyProgram(from: source, to: target) {
            print("installed \(target)")
        }
        if let sentence = try CommandLink(paths: paths).make() { print(sentence) }
    }

    private func start(_ systemctl: Systemctl) async throws {
        try await systemctl("daemon-reload")
        try await systemctl("enable", HostPaths.unit)
        guard !noStart else {
            print("start it with: systemctl start faasd")
            return
        }
        try await systemctl("restart", HostPaths.unit)
        print("faasd is running: systemctl status faasd")
    }
}
