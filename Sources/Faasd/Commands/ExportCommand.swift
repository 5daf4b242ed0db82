import ArgumentParser
import Foundation
import OpenFaaSAPI
import Provider

/// `faasd export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write down which functions, namespaces and secrets there should be.",
        discussion: "`faasd import` makes them again, here or on another machine. See docs/export.md.")

    @Flag(help: "With the values of secrets, which only this machine's files have.")
    var secrets = false

    @Option(help: "yaml or json.")
    var format = "yaml"

    @Option(name: .shortAndLong, help: "The file, which only its owner may read; default: standard output.")
    var output: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        guard let format = StateDocument.Format(rawValue: format) else {
            throw ValidationError("--format must be yaml or json")
        }
        let configuration = try settings.configuration()
        if secrets { try Root.require(for: "export --secrets") }
        var document = try await DaemonGateway(configuration: configuration).with {
            try await StateClient(gateway: $0).state()
        }
        if secrets {
            let values = SecretValues(directory: configuration.secretsDirectory)
            for index in document.secrets.indices {
                let secret = document.secrets[index]
                guard let value = values.value(of: secret) else {
                    throw InstallError("cannot read the value of \(secret)")
                }
                document.secrets[index].rawValue = value
            }
        }
        let text = try document.text(format)
        guard let output else {
            print(text, terminator: "")
            return
        }
        let path = URL(fileURLWithPath: output).path
        do {
            try AtomicFile.write(Array(text.utf8), to: path, permissions: 0o600)
        } catch {
            throw InstallError("\(error)")
        }
    }
}

/// `faasd import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make the functions, namespaces and secrets that a file speaks of.",
        discussion: """
            What is there already and is the same stays as it is; what the file does not speak of stays, too. So it may be \
            run again after it was broken off. The exit code is 1 when a part was refused; the others are made all the same.
            """)

    @Argument(help: "What `faasd export` wrote; - for standard input.")
    var file: String

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        let wanted = try StateDocument.read(try text(), name: file)
        let values = SecretValues(directory: configuration.secretsDirectory)
        let failed = try await DaemonGateway(configuration: configuration).with { gateway in
            let client = StateClient(gateway: gateway)
            var failed = 0
            for step in StateImport.steps(to: wanted, from: try await client.state(), values: values.value) {
                if dryRun {
                    print(step.text)
                } else if let refusal = try await client.perform(step) {
                    failed += 1
                    print("FAILED \(step.text): \(refusal)")
                } else {
                    print(step.text)
                }
            }
            return failed
        }
        if failed > 0 { throw ExitCode(1) }
    }

    private func text() throws -> String {
        let data: Data?
        if file == "-" {
            data = try FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = FileManager.default.contents(atPath: file)
        }
        guard let data, data.count <= StateDocument.maximumBytes else {
            throw InstallError("\(file) cannot be read, or is longer than \(StateDocument.maximumBytes) bytes")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw InstallError("\(file) is not UTF-8") }
        return text
    }
}
