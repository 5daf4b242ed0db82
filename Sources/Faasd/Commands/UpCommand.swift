import ArgumentParser
import Gateway

/// `faasd up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run gateway and provider in the foreground.",
        discussion: "SIGTERM ends it when the calls under way have ended; functions go on running.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        try Root.require(for: "up")
        try await Daemon(configuration: configuration, role: .whole, logger: configuration.logger).run()
    }
}
