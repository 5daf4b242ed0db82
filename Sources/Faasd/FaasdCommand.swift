import ArgumentParser

/// The command line of `faasd`.
@main
struct FaasdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faasd",
        abstract: "Serverless functions on one machine, without Kubernetes.",
        discussion: "Every setting of the daemon is a flag, a variable FAASD_… and a key of DATA-DIR/config.yaml.",
        subcommands: [
            UpCommand.self, GatewayCommand.self, ProviderCommand.self, DownCommand.self, InstallCommand.self,
            UninstallCommand.self, WatchdogCommand.self, VersionCommand.self, CollectCommand.self,
        ])
}
