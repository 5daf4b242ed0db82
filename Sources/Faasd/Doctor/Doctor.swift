import Containers
import Foundation
import Logging
import Provider
import Services

/// Looks at everything that the daemon needs and has, with the daemon running or stopped. Nothing is changed.
struct Doctor: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    func run() async -> [Finding] {
        let daemon = await DaemonCheck(configuration: configuration).run()
        var all = await preflight()
        if machine.network.bridgeState() != .absent { all += ForwardingCheck.findings() }
        all += network()
        all += SubnetCheck(subnet: configuration.network.subnet).findings(
            .read(bridge: configuration.network.bridge, directory: configuration.network.configurationDirectory))
        all += await UnitCheck(runner: machine.runner).run()
        all += daemon.findings
        all += files() + services() + CertificateCheck().run(configuration)
        all += await ClockCheck.run(machine.runner)
        all += await LeftoverCheck(configuration: configuration, machine: machine).run()
        return all
    }

    /// What an installation looks for as well.
    private func preflight() async -> [Finding] {
        await Preflight(
            configuration: configuration, runner: machine.runner, runtime: machine.ctr, needsContainerd: true
        ).run()
    }

    private func network() -> [Finding] {
        switch machine.network.bridgeState() {
        case .absent: [.fine("the bridge \(configuration.network.bridge) comes with the first function")]
        case .present: [.fine("the bridge \(configuration.network.bridge) is up")]
        case .broken(let why):
            [.problem(why, fix: "systemctl restart faasd; if that does not help: faasd down, then faasd up")]
        }
    }

    private func files() -> [Finding] {
        let folder = configuration.dataDirectory
        var found: [Finding] = [folder + "/queue.db", folder + "/triggers.db", configuration.provider.databasePath]
            .sorted().compactMap(database)
        if !FileManager.default.isExecutableFile(atPath: configuration.watchdogPath) {
            found.append(
                .problem(
                    "the watchdog \(configuration.watchdogPath) is not there",
                    fix: "run `faasd install` again, or name it with the setting fwatchdog"))
        }
        found += SecretsCheck().run(configuration.secretsDirectory)
        return found
    }

    private func services() -> [Finding] {
        do {
            let services = try configuration.composeFile.services()
            let states = ServiceStateFile(runDirectory: configuration.runDirectory).read()?.services ?? []
            return services.compactMap { service in
                guard let state = states.first(where: { $0.name == service.name }), state.state == "failing" else {
                    return nil
                }
                return .problem(
                    "the service \(service.name) does not run: \(state.reason)",
                    fix: "faasd service logs \(service.name)")
            }
        } catch {
            return [.problem("the file of services cannot be used: \(error)", fix: "see docs/services.md")]
        }
    }

    private func database(_ path: String) -> Finding? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let damage = DatabaseCheck.damage(of: path) else { return .fine("the database \(path) is whole") }
        return .problem(
            "the database \(path) is damaged: \(damage)",
            fix: "systemctl stop faasd; mv \(path) \(path).damaged; put a backup in its place, or start without it and "
                + "use `faasd import`; systemctl start faasd")
    }
}
