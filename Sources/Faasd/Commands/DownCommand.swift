import ArgumentParser
import Foundation
import Logging

/// `faasd down`
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Remove the containers and the network of this instance's functions.",
        discussion: "The daemon must not be running. What was deployed is remembered, and comes back with `faasd up`.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        guard geteuid() == 0 else { throw InstallError("down needs root: sudo faasd down") }
        var logger = Logger(label: "faasd") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        try await Teardown(configuration: configuration, machine: MachineParts(configuration, logger: logger)).run()
    }
}
