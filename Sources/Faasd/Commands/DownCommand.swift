import ArgumentParser

/// `faasd down`
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Remove the containers and the network of this instance's functions.",
        discussion: "The daemon must not be running. What was deployed is remembered, and comes back with `faasd up`.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        try Root.require(for: "down")
        try await Teardown(
            configuration: configuration, machine: MachineParts(configuration, logger: configuration.logger)
        ).run()
    }
}
