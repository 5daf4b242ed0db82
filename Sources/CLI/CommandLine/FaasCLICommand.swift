import ArgumentParser

/// The root of the command line.
struct FaasCLICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: FunctionCLI.program,
        abstract: "Manage your OpenFaaS functions from the command line.",
        subcommands: grouped)

    /// All commands, in the order of the help.
    static let grouped: [any ParsableCommand.Type] = [
        BuildCommand.self, CompletionCommand.self, DeployCommand.self, DescribeCommand.self, DiffCommand.self,
        GenerateCommand.self,
        InvokeCommand.self, ListCommand.self, LocalRunCommand.self, LoginCommand.self, LogoutCommand.self,
        LogsCommand.self,
        NamespaceCommand.self, NamespacesCommand.self, NewCommand.self, PublishCommand.self, PushCommand.self,
        ReadyCommand.self,
        RegistryLoginCommand.self, RemoveCommand.self, ScaleCommand.self, SecretCommand.self, StoreCommand.self,
        TemplateCommand.self, UpCommand.self, VersionCommand.self,
    ]
}
