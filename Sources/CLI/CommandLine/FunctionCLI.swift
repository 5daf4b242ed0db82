import ArgumentParser
import Glibc
public import OpenFaaSAPI

/// The command line of function developers: `faas-cli`, and the same as `faasd fn`.
public enum FunctionCLI {
    /// The name of the program when it is called for it.
    public static let program = "faas-cli"

    /// This program's version, for `version` and as its name towards the gateway.
    @TaskLocal static var version = VersionInfo(sha: "", release: "dev")

    /// Runs one command to its end.
    ///
    /// - Parameters:
    ///   - arguments: what stands behind the name of the program.
    ///   - version: the version to show.
    /// - Returns: the status for the process: 0, or 1 after a failure, as `faas-cli` has it.
    public static func run(_ arguments: [String], version: VersionInfo) async -> Int32 {
        // A pager that was closed, or a builder that ends early, is an error of one write.
        signal(SIGPIPE, SIG_IGN)
        return await $version.withValue(version) { await run(arguments) }
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            try refuseUnknown(arguments)
            var command = try FaasCLICommand.parseAsRoot(GoArguments.translate(arguments))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as CLIError {
            Console.out(sentence(error.message))
            return error.exitCode
        } catch is CancellationError {
            return 130
        } catch {
            return answer(error)
        }
    }

    /// What the parser says: the help that was asked for, or what is wrong.
    private static func answer(_ error: any Error) -> Int32 {
        guard FaasCLICommand.exitCode(for: error) != .success else {
            Console.out(FaasCLICommand.fullMessage(for: error))
            return 0
        }
        Console.out(sentence(parserMessage(FaasCLICommand.message(for: error))))
        return 1
    }

    /// The parser's sentences in the words that users of `faas-cli` know.
    static func parserMessage(_ text: String) -> String {
        let unknown = "Unknown option '"
        guard text.hasPrefix(unknown), let end = text.dropFirst(unknown.count).firstIndex(of: "'") else { return text }
        let rest = text[text.index(after: end)...]
        return "unknown flag: \(text.dropFirst(unknown.count)[..<end])\(rest)"
    }

    private static func refuseUnknown(_ arguments: [String]) throws {
        let words = GoArguments.translate(arguments)
        guard let word = words.first, !word.hasPrefix("-") else { return }
        let commands = FaasCLICommand.configuration.subcommands + FaasCLICommand.grouped
        let known = commands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
        let pair = words.prefix(2).joined(separator: " ")
        if let reason = elsewhere[word] ?? elsewhere[pair] {
            throw CLIError(.usage, "\"\(elsewhere[word] == nil ? pair : word)\" is not part of this program: \(reason)")
        }
        guard !known.contains(word) else { return }
        throw CLIError(.usage, "unknown command \"\(word)\" for \"\(program)\"")
    }

    /// Commands of OpenFaaS's program that are not here, and why.
    private static let elsewhere = [
        "chart": "charts are for Kubernetes; generate prints resources of functions for it",
        "plugin": "plugins are programs that OpenFaaS makes for its own faas-cli",
        "pro": "it is a plugin that OpenFaaS makes for its own faas-cli",
        "auth": "faasd knows its users by passwords; use login",
        "cloud": "OpenFaaS Cloud is no more",
        "print-token": "the token of a gateway is in config.yml; see login",
        "secret seal":
            "sealed secrets are for the remote builder of OpenFaaS Pro; build_secrets of the stack file are local files",
        "secret unseal": "sealed secrets are for the remote builder of OpenFaaS Pro",
        "secret keygen": "sealed secrets are for the remote builder of OpenFaaS Pro",
    ]

    /// The first letter in upper case: so `faas-cli` shows errors, and scripts look for them. A file stays what it is.
    static func sentence(_ message: String) -> String {
        let first = message.prefix { $0 != " " }
        guard !first.dropLast().contains(where: { "./:".contains($0) }) else { return message }
        return message.prefix(1).uppercased() + message.dropFirst()
    }
}
