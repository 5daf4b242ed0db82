import ArgumentParser
import Foundation
import OpenFaaSAPI

/// `faas-cli secret`
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Manage secrets of functions.",
        subcommands: [
            SecretApplyCommand.self, SecretCreateCommand.self, SecretGenerateCommand.self, SecretListCommand.self,
            SecretRemoveCommand.self, SecretUpdateCommand.self,
        ])
}

/// Where the value of a secret comes from; never from an argument unless `--from-literal` asks for that.
struct SecretSource: ParsableArguments {
    /// The longest value, before it is put into JSON.
    static let maximumBytes = 700_000

    @Option(help: "The value itself; other users of this machine may see it.")
    var fromLiteral: String?

    @Option(help: "File with the value.")
    var fromFile: String?

    @Flag(inversion: .prefixedNo, help: "Remove white space around the value.")
    var trim = true

    @Argument(help: "Name of the secret.")
    var names: [String] = []

    /// The one name.
    func name() throws -> String { try OneName.of(names, "secret name") }

    /// The secret that is to be kept.
    func secret(_ name: String, namespace: String) throws -> Secret {
        let (text, raw) = try value()
        return Secret(name, namespace: namespace, text: text, raw: raw)
    }

    /// The value as text and, where it is a file's, its bytes as they are.
    private func value() throws -> (text: String, raw: [UInt8]?) {
        guard fromLiteral == nil || fromFile == nil else {
            throw CLIError(
                .usage, "please provide secret using only one option from --from-literal, --from-file and STDIN")
        }
        let bytes: [UInt8]
        if let fromLiteral {
            bytes = Array(fromLiteral.utf8)
        } else if let fromFile {
            bytes = try LocalFile.bytes(fromFile, limit: Self.maximumBytes)
        } else {
            bytes = try Console.readAll(limit: Self.maximumBytes)
        }
        let value = Self.text(bytes, trim: trim)
        guard !value.isEmpty else {
            throw CLIError(.usage, "must provide a non empty secret via --from-literal, --from-file or STDIN")
        }
        return (value, fromFile == nil ? nil : bytes)
    }

    /// A value as text.
    static func text(_ bytes: [UInt8], trim: Bool) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return trim ? text.trimmingCharacters(in: .whitespacesAndNewlines) : text
    }
}

extension Secret {
    /// A value that is to be kept: as text, and where it is a file's its bytes as they are.
    fileprivate init(_ name: String, namespace: String, text: String, raw: [UInt8]?) {
        self.init(
            name: name, namespace: namespace.isEmpty ? nil : namespace, value: text,
            rawValue: raw.map { Data($0).base64EncodedString() })
    }
}

/// The names that secrets have (Kubernetes' rule, which `faas-cli` checks).
enum SecretName {
    static func check(_ name: String) throws {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let holds =
            name.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
                            || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "-")
                    }
            }
        guard holds else {
            throw CLIError(
                .usage,
                "secret name \"\(name.prefix(80))\" must consist of lower-case letters, digits, '-' or '.', and begin and "
                    + "end with a letter or digit")
        }
    }
}

/// `faas-cli secret create`
struct SecretCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a secret.", aliases: ["c"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var source: SecretSource

    @Flag(help: "Replace the value of a secret that is there.")
    var replace = false

    func run() async throws {
        let name = try source.name()
        try SecretName.check(name)
        let space = namespace.value
        let secret = try source.secret(name, namespace: space)
        try await Gateway.with(options, warns: true) { client in
            Console.out("Creating secret: \(name).\(space)")
            let reply = try await client.write(secret, isNew: true)
            if reply.status == 409, replace {
                Console.out("Secret \(name) already exists, updating...")
                return try Self.updated(try await client.write(secret, isNew: false), name, client)
            }
            switch reply.status {
            case 200, 201, 202: Console.out("Created: \(reply.statusLine)")
            case 409: throw CLIError(.refused, "secret with the name \"\(name)\" already exists")
            default: throw client.unexpected(reply)
            }
        }
    }

    static func updated(_ reply: Reply, _ name: String, _ client: GatewayClient) throws {
        switch reply.status {
        case 200, 202: Console.out("Updated: \(reply.statusLine)")
        case 404: throw CLIError(.notFound, "unable to find secret: \(name)")
        default: throw client.unexpected(reply)
        }
    }
}

/// `faas-cli secret update`
struct SecretUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Update a secret.", aliases: ["u"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption
    @OptionGroup var source: SecretSource

    func run() async throws {
        let name = try source.name()
        let secret = try source.secret(name, namespace: namespace.value)
        try await Gateway.with(options, warns: true) { client in
            Console.out("Updating secret: \(name)")
            try SecretCreateCommand.updated(try await client.write(secret, isNew: false), name, client)
        }
    }
}

/// `faas-cli secret remove`
struct SecretRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a secret.", aliases: ["rm"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Argument(help: "Name of the secret.")
    var names: [String] = []

    func run() async throws {
        let name = try OneName.of(names, "secret name")
        try await Gateway.with(options, warns: true) { client in
            try await client.removeSecret(name, namespace: namespace.value)
            Console.out("Removed.. OK.")
        }
    }
}

/// `faas-cli secret list`
struct SecretListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all secrets.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let secrets = try await Gateway.with(options, warns: true) { client in
            try await client.secrets(namespace: namespace.value)
        }
        if json { return Console.out(try PrettyJSON.text(secrets)) }
        guard !secrets.isEmpty else { return Console.out("No secrets found.") }
        Console.raw("\nNAME\n" + secrets.map { $0.name + "\n" }.joined() + "\n")
    }
}

/// `faas-cli secret apply`
struct SecretApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Create or replace a secret for each file in ./.secrets.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Flag(inversion: .prefixedNo, help: "Remove white space around the values.")
    var trim = true

    func run() async throws {
        let directory = Surroundings.current.path(".secrets")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw CLIError(.file, "secrets directory does not exist: \(directory)")
        }
        guard !names.isEmpty else { return Console.out("No secrets found in .secrets directory") }
        let space = namespace.value
        try await Gateway.with(options, warns: true) { client in
            for name in names.sorted() {
                guard (try? SecretName.check(name)) != nil else {
                    Console.out("Skipping invalid secret name: \(name)")
                    continue
                }
                let bytes = try LocalFile.bytes(directory + "/" + name, limit: SecretSource.maximumBytes)
                let value = SecretSource.text(bytes, trim: trim)
                guard !value.isEmpty else {
                    Console.out("Skipping empty secret: \(name)")
                    continue
                }
                Console.out("Creating secret: \(name).\(space)")
                try await apply(Secret(name, namespace: space, text: value, raw: bytes), client)
            }
        }
    }

    private func apply(_ secret: Secret, _ client: GatewayClient) async throws {
        let reply = try await client.write(secret, isNew: true)
        if reply.status == 409 {
            Console.out("Secret \(secret.name) still exists, updating...")
            return try SecretCreateCommand.updated(
                try await client.write(secret, isNew: false), secret.name, client)
        }
        guard [200, 201, 202].contains(reply.status) else { throw client.unexpected(reply) }
        Console.out("Created: \(reply.statusLine)")
    }
}

/// `faas-cli secret generate`
struct SecretGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Make a random secret.")

    @Option(help: "Number of random bytes.")
    var length = 32

    @Option(name: .shortAndLong, help: "File to write it to instead of standard output.")
    var output: String?

    func run() throws {
        guard (1...4096).contains(length) else { throw CLIError(.usage, "--length must be 1 to 4096") }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(bytes).base64EncodedString()
        guard let output else { return Console.out(text) }
        try LocalFile.write(Array(text.utf8), to: output, mode: 0o600)
        Console.out("Wrote \(length)-byte secret to \(output)")
    }
}
