import ArgumentParser
import Containers
import Foundation
import Gateway
import Logging

/// `faasd install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install and start faasd as a service of systemd.",
        discussion: "May be run again: it replaces the programs and the units, and keeps password and functions. "
            + "Settings that are given are noted in config.yaml, where the service finds them.")

    @Flag(help: "Do not start the service.")
    var noStart = false

    @Flag(help: "Say what would be done, and what is wrong with this machine; change nothing.")
    var dryRun = false

    @Option(help: "Install below this directory, as for a disk image; implies --no-start.")
    var root = "/"

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let paths = HostPaths(root: root)
        if !dryRun { try Root.require(for: "install") }
        var noted = settings.values.filter { $0.key != .dataDir }
        var configuration = try settings.configuration()
        try checkPlace(configuration, paths)
        // With what these refuse the service would not start.
        try configuration.checkExposure()
        _ = try configuration.openCertificates()
        var hasProblem = false
        if paths.isThisMachine {
            let choice = try choice(configuration)
            let finding = choice.finding("\(configuration.network.subnet)")
            if case .choose(let subnet, _) = choice {
                noted[.subnet] = subnet
                configuration = try settings.configuration(defaults: [.subnet: subnet])
            }
            hasProblem = report(try await findings(configuration) + [finding])
        }
        let installation = Installation(paths: paths, configuration: configuration, noted: noted)
        if dryRun {
            print("would be done:")
            for step in try installation.plan(starting: !noStart && Systemctl.isRunning) { print("- \(step)") }
            if hasProblem { throw ExitCode.failure }
            return
        }
        guard !hasProblem else {
            throw InstallError("nothing was changed: mend what is a PROBLEM, then run: sudo faasd install")
        }
        let hasNewSockets = try installation.run()
        guard paths.isThisMachine, Systemctl.isRunning else {
            print("systemd is not running here; start the daemon with: \(paths.binary) up")
            return
        }
        try await start(configuration, hasNewSockets: hasNewSockets)
    }

    private func findings(_ configuration: Configuration) async throws -> [Finding] {
        let machine = try MachineParts(configuration, logger: .init(label: "install"))
        return await Preflight(configuration: configuration, runner: machine.runner, runtime: machine.ctr).run()
    }

    /// The service runs `faasd up`, which finds its settings in one place.
    private func checkPlace(_ configuration: Configuration, _ paths: HostPaths) throws {
        let file = configuration.dataDirectory + "/config.yaml"
        if let config = settings.config, config != file, paths.isThisMachine {
            throw InstallError("the service reads \(file): copy \(config) there, and leave out --config")
        }
    }

    private func choice(_ configuration: Configuration) throws -> SubnetChoice {
        let used = UsedSubnets.read(
            bridge: configuration.network.bridge, directory: configuration.network.configurationDirectory)
        return SubnetChoice.of(
            "\(configuration.network.subnet)", isGiven: try settings.isGiven(.subnet), used: used)
    }

    /// - Returns: whether something must be mended first.
    private func report(_ findings: [Finding]) -> Bool {
        for finding in findings { print(finding.line) }
        return findings.contains { $0.level == .problem }
    }

    private func start(_ configuration: Configuration, hasNewSockets: Bool) async throws {
        let systemctl = Systemctl(runner: SubprocessRunner())
        try await systemctl("daemon-reload")
        try await systemctl("enable", HostPaths.socketUnit, HostPaths.unit)
        guard !noStart else {
            print("start it with: systemctl restart \(HostPaths.socketUnit); systemctl start \(HostPaths.unit)")
            return
        }
        let socket = try await systemctl.show(HostPaths.socketUnit, ["ActiveState"])["ActiveState"]
        if hasNewSockets || socket != "active" {
            // A service that runs without the sockets, or with others, is in their way, and is restarted with them.
            try await systemctl("stop", HostPaths.unit)
            try await systemctl("restart", HostPaths.socketUnit)
            try await systemctl("start", HostPaths.unit)
        } else {
            try await systemctl("restart", HostPaths.unit)
        }
        print("faasd is running: systemctl status faasd")
        let password = Credentials.passwordPath(secretsDirectory: configuration.secretsDirectory)
        print("log in with: sudo cat \(password) | faas-cli login --password-stdin")
    }
}
