import ArgumentParser

/// `faas-cli completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Generate shell auto completion.",
        discussion: "Use it with: source <(faas-cli completion --shell bash)")

    @Option(help: "bash, zsh or fish.")
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw CLIError(.usage, "\(shell) is an unknown shell: it must be bash, zsh or fish")
        }
        Console.out(FaasCLICommand.completionScript(for: shell))
    }
}
