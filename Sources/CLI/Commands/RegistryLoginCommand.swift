import ArgumentParser
import Foundation

/// `faas-cli registry-login`
struct RegistryLoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry-login", abstract: "Generate and save the registry authentication file.",
        discussion: """
            Writes ./credentials/config.json in the format of Docker. push, publish and up use it, and faasd reads it as the \
            file of its setting registry-config.
            """)

    @OptionGroup var stack: StackOptions

    @Option(help: "Address of the registry.")
    var server = "https://index.docker.io/v1/"

    @Option(name: .shortAndLong, help: "User of the registry.")
    var username = ""

    @Option(help: "Password of the registry.")
    var password = ""

    @Flag(name: [.customShort("s"), .long], help: "Read the password from standard input.")
    var passwordStdin = false

    @Flag(help: "Amazon's registry, whose credentials a helper gets.")
    var ecr = false

    @Option(help: "Account of Amazon's registry.")
    var accountId = ""

    @Option(help: "Region of Amazon's registry.")
    var region = ""

    func run() throws {
        let credentials = RegistryCredentials(.current)
        var document = ecr ? try amazon() : try basic()
        // What is known of other registries stays.
        if let bytes = try? LocalFile.bytes(credentials.file, limit: 1 << 20),
            let known = try? JSONDecoder().decode(Document.self, from: Data(bytes))
        {
            document.keep(known)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try LocalFile.makeDirectory(credentials.directory, mode: 0o700)
        try LocalFile.write(Array(try encoder.encode(document)) + [10], to: credentials.file, mode: 0o600)
        Console.out("\nWrote ./credentials/config.json..OK")
    }

    private struct Document: Codable {
        struct Auth: Codable {
            var auth: String
        }
        var auths: [String: Auth]?
        var credsStore: String?
        var credHelpers: [String: String]?

        mutating func keep(_ other: Document) {
            if let more = other.auths { auths = (auths ?? [:]).merging(more) { own, _ in own } }
            if let more = other.credHelpers { credHelpers = (credHelpers ?? [:]).merging(more) { own, _ in own } }
            credsStore = credsStore ?? other.credsStore
        }
    }

    private func basic() throws -> Document {
        var secret = password
        if passwordStdin {
            guard password.isEmpty else {
                throw CLIError(.usage, "--password and --password-stdin are mutually exclusive")
            }
            secret = String(decoding: try Console.readAll(limit: 64 << 10), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard !username.isEmpty, !secret.isEmpty else {
            throw CLIError(.usage, "both --username and --password-stdin must be used, and provided, for this function")
        }
        let auth = Data("\(username):\(secret)".utf8).base64EncodedString()
        return Document(auths: [server: .init(auth: auth)])
    }

    private func amazon() throws -> Document {
        guard !accountId.isEmpty, !region.isEmpty else {
            throw CLIError(.usage, "--ecr needs --account-id and --region")
        }
        return Document(
            credsStore: "ecr-login", credHelpers: ["\(accountId).dkr.ecr.\(region).amazonaws.com": "ecr-login"])
    }
}
