import ArgumentParser
import Gateway

/// `faasd provider`
struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider", abstract: "Run the provider alone in the foreground, for an OpenFaaS gateway.",
        discussion: "It listens on 127.0.0.1:8081 unless told otherwise. SIGTERM ends it; functions go on running.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        // The port of OpenFaaS's providers.
        let configuration = try settings.configuration(defaults: [.listen: "127.0.0.1:8081"])
        try Root.require(for: "provider")
        try await Daemon(configuration: configuration, role: .provider, logger: configuration.logger).run()
    }
}
