import ArgumentParser
import CLI
import Foundation
import Glibc

/// The program: `faasd`, or the command line of function developers when it is called `faas-cli` or `faasd fn`.
@main
enum Program {
    static func main() async {
        let words = CommandLine.arguments
        let name = words.first.map { URL(fileURLWithPath: $0).lastPathComponent }
        if name == FunctionCLI.program {
            exit(await FunctionCLI.run(Array(words.dropFirst()), version: Version.info))
        }
        if words.dropFirst().first == "fn" {
            exit(await FunctionCLI.run(Array(words.dropFirst(2)), version: Version.info))
        }
        await FaasdCommand.main()
    }
}

/// The command line of `faasd`.
struct FaasdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faasd",
        abstract: "Serverless functions on one machine, without Kubernetes.",
        discussion: """
            Every setting of the daemon is a flag, a variable FAASD_… and a key of DATA-DIR/config.yaml. `faasd fn` has the \
            commands of faas-cli: new, build, deploy, up, list, logs and the others.
            """,
        subcommands: [
            UpCommand.self, GatewayCommand.self, ProviderCommand.self, DownCommand.self, InstallCommand.self,
            UpgradeCommand.self, UninstallCommand.self, WhyCommand.self, DoctorCommand.self, ServiceCommand.self,
            ExportCommand.self, ImportCommand.self, WatchdogCommand.self, VersionCommand.self, CollectCommand.self,
        ])
}
