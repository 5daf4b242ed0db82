import ArgumentParser

/// `faasd gateway`
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Run the gateway alone in the foreground, before any OpenFaaS provider.",
        discussion: "--provider-url names the provider. Neither root nor containerd is needed.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        guard let provider = configuration.providerAddress else {
            throw SettingError(.providerURL, "it must name the provider, such as http://127.0.0.1:8081")
        }
        try await GatewayDaemon(configuration: configuration, provider: provider, logger: configuration.logger).run()
    }
}
