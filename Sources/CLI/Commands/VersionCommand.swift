import ArgumentParser
import OpenFaaSAPI

/// `faas-cli version`
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Display the clients version information.",
        discussion: "Asks the gateway for its versions; without one, only this program's are shown.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions

    @Flag(help: "Print this program's version only.")
    var shortVersion = false

    @Flag(inversion: .prefixedNo, help: "Has no effect: this program never asks whether it is the newest.")
    var warnUpdate = true

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let version = FunctionCLI.version
        if shortVersion { return Console.out(version.release) }
        let gateway = try? await Stack.load(stack)?.gateway
        guard !json else {
            let (info, address) = try await Gateway.with(options, stack: gateway) { client in
                (try await client.info(), client.address)
            }
            return Console.out(try PrettyJSON.text(Versions(version, info, address)))
        }
        Console.out("CLI:\n commit:  \(version.sha)\n version: \(version.release)")
        let answer = try await Gateway.with(options, stack: gateway) { client in
            // A gateway that is away or asks for a password is no failure of `version`.
            (try? await client.info()).map { ($0, client.address) }
        }
        guard let (info, address) = answer else { return }
        Console.out(
            """

            Gateway
             uri:     \(address)
             version: \(info.version.release)
             sha:     \(info.version.sha)

            Provider
             name:          \(info.provider.provider)
             orchestration: \(info.provider.orchestration)
             version:       \(info.provider.version.release)
             sha:           \(info.provider.version.sha)
            """)
    }

    /// The document of `--json`.
    private struct Versions: Encodable {
        struct Program: Encodable {
            var commit: String
            var version: String
        }
        struct Server: Encodable {
            var uri: String
            var version: String
            var sha: String
        }
        struct Provider: Encodable {
            var name: String
            var orchestration: String
            var version: String
            var sha: String
        }

        var cli: Program
        var gateway: Server
        var provider: Provider

        init(_ version: VersionInfo, _ info: GatewayInfo, _ address: GatewayAddress) {
            cli = Program(commit: version.sha, version: version.release)
            gateway = Server(uri: address.text, version: info.version.release, sha: info.version.sha)
            provider = Provider(
                name: info.provider.provider, orchestration: info.provider.orchestration,
                version: info.provider.version.release, sha: info.provider.version.sha)
        }
    }
}
