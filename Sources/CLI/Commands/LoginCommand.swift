import ArgumentParser
import Foundation
import NIOHTTP1
import OpenFaaSAPI

/// `faas-cli login`
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Log in to OpenFaaS gateway.",
        discussion: "Asks the gateway for its functions, and keeps user and password in ~/.openfaas/config.yml.")

    @OptionGroup var options: GatewayOptions
    @OptionGroup var stack: StackOptions

    @Option(name: .shortAndLong, help: "Gateway username.")
    var username = "admin"

    @Option(name: .shortAndLong, help: "Gateway password.")
    var password: String?

    @Flag(name: [.customShort("s"), .long], help: "Read the password from standard input.")
    var passwordStdin = false

    @Option(help: "How long the gateway may take, such as 5s.")
    var timeout = "5s"

    func run() async throws {
        guard let timeout = GoDuration.parse(timeout) else {
            throw CLIError(.usage, "invalid --timeout \"\(timeout)\": it must be a time such as 5s")
        }
        let password = try secret()
        Console.out("Calling the OpenFaaS server to validate the credentials...")
        let token = Data("\(username):\(password)".utf8).base64EncodedString()
        let surroundings = Surroundings.current
        // A login names its gateway itself.
        let address = try GatewayAddress.choose(flag: options.gateway, stack: nil, environment: surroundings)
        if let warning = address.warning(tlsNoVerify: options.tlsNoVerify) { Console.out(warning) }
        try await validate(address, authorization: "Basic \(token)", timeout: timeout, surroundings)
        try CredentialsFile(surroundings).save(.init(gateway: address.text, auth: "basic", token: token))
        Console.out("credentials saved for \(username) \(address)")
    }

    private func secret() throws -> String {
        guard !username.isEmpty else { throw CLIError(.usage, "must provide --username or -u") }
        var text = password ?? ""
        if !text.isEmpty {
            Console.out(
                "WARNING! Using --password is insecure, consider using: "
                    + "cat ~/faas_pass.txt | faas-cli login -u user --password-stdin")
            guard !passwordStdin else {
                throw CLIError(.usage, "--password and --password-stdin are mutually exclusive")
            }
        }
        if passwordStdin {
            text = String(decoding: try Console.readAll(limit: 64 << 10), as: UTF8.self)
        }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw CLIError(.usage, "must provide a non-empty password via --password or --password-stdin")
        }
        return text
    }

    private func validate(
        _ address: GatewayAddress, authorization: String, timeout: Duration, _ surroundings: Surroundings
    ) async throws {
        let status = try await Transport.with(
            tlsNoVerify: options.tlsNoVerify, proxy: HTTPProxy.of(address, surroundings)
        ) { transport in
            let client = GatewayClient(
                address: address, authorization: authorization, transport: transport, timeout: timeout)
            return try await client.call(.GET, "/system/functions")
        }
        switch status.status {
        case 200: return
        case 401: throw CLIError(.unauthorized, "unable to login, either username or password is incorrect")
        default:
            throw CLIError(
                .refused, "server returned unexpected status code: \(status.status) - \(status.text)")
        }
    }
}

/// `faas-cli logout`
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Log out from OpenFaaS gateway.",
        discussion: "Forgets the password of a gateway; nothing is sent.")

    @OptionGroup var options: GatewayOptions
    @OptionGroup var stack: StackOptions

    func run() throws {
        let surroundings = Surroundings.current
        let address = try GatewayAddress.choose(flag: options.gateway, stack: nil, environment: surroundings)
        try CredentialsFile(surroundings).remove(address)
        Console.out("credentials removed for \(address)")
    }
}
