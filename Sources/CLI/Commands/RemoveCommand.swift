import ArgumentParser

/// `faas-cli remove`
struct RemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove deployed OpenFaaS functions.",
        discussion: "Removes the functions of a stack file, or one by its name.", aliases: ["rm", "delete"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        let space = namespace.value
        // A name that is given is what is meant, also where there is a stack file.
        if let name, !name.isEmpty, stack.yaml == nil {
            let gateway = try await Stack.load(StackOptions.plain())?.gateway
            Console.out("Deleting: \(name).\(space)")
            return try await Gateway.with(options, stack: gateway) { client in
                try await client.remove(.init(name: name, namespace: space))
                Console.out("Removing old function.")
            }
        }
        guard let file = try await Stack.load(stack) else {
            throw CLIError(.usage, "please provide the name of a function to delete")
        }
        try await Gateway.with(options, stack: file.gateway) { client in
            for function in file.functions {
                let target = FunctionTarget(
                    name: function.name, namespace: space.isEmpty ? function.namespace : space)
                Console.out("Deleting: \(target.name).\(target.namespace)")
                do {
                    try await client.remove(target)
                    Console.out("Removing old function.")
                } catch let error as CLIError where error.code == .notFound {
                    Console.out(FunctionCLI.sentence(error.message))
                }
            }
        }
    }
}

/// `faas-cli scale`
struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Set how many replicas a function has.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(name: .shortAndLong, help: "How many replicas there should be.")
    var replicas: UInt64

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        guard let name, !name.isEmpty else { throw CLIError(.usage, "please provide a name for the function") }
        let gateway = try await Stack.load(stack)?.gateway
        try await Gateway.with(options, stack: gateway) { client in
            try await client.scale(.init(name: name, namespace: namespace.value), to: replicas)
        }
        Console.out("Scaled: \(name) to \(replicas) \(replicas == 1 ? "replica" : "replicas").")
    }
}
