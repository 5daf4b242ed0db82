import ArgumentParser
import Foundation
import OpenFaaSAPI

/// `faas-cli store`
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "List and deploy functions of a store.",
        discussion: """
            The list is at --url or OPENFAAS_STORE, an address or a file; else ~/.openfaas/store.json where that is, else \
            OpenFaaS's own list.
            """,
        subcommands: [StoreListCommand.self, StoreDescribeCommand.self, StoreDeployCommand.self])
}

/// Where the store is.
struct StoreOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Address or file of the list.")
    var url: String?

    @Option(name: .shortAndLong, help: "Platform of the images, such as x86_64 or arm64.")
    var platform = FunctionStore.platform

    func read(_ surroundings: Surroundings) async throws -> FunctionStore {
        let own = surroundings["HOME"].map { $0 + "/.openfaas/store.json" }
        let local = own.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        let source = url ?? surroundings[FunctionStore.variable] ?? local ?? FunctionStore.standard
        return try await StoreDocument.read(FunctionStore.self, from: source, surroundings)
    }
}

/// `faas-cli store list`
struct StoreListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the functions of a store.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: StoreOptions

    @Flag(name: .shortAndLong, help: "Has no effect: descriptions are printed whole.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let items = try await options.read(.current).items(platform: options.platform)
        if json { return Console.out(try PrettyJSON.text(items)) }
        guard !items.isEmpty else {
            return Console.out("No functions found in the store for platform: \(options.platform)")
        }
        let rows = items.map { "\($0.name)\t\($0.author ?? "")\t\($0.title)" }
        Console.raw("\n" + Columns.align(["FUNCTION\tAUTHOR\tDESCRIPTION"] + rows) + "\n")
    }
}

/// `faas-cli store describe`
struct StoreDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Describe a function of a store.", aliases: ["inspect"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: StoreOptions

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        guard let name, !name.isEmpty else { throw CLIError(.usage, "please provide the function name") }
        let item = try await options.read(.current).item(name, platform: options.platform)
        if json { return Console.out(try PrettyJSON.text(item)) }
        var lines = [
            "Title:\t\(item.title)", "Author:\t\(item.author ?? "")", "Description:\t\(item.description ?? "")",
            "Image:\t\(item.images[options.platform] ?? "")", "Process:\t\(item.fprocess ?? "")",
            "Repo URL:\t\(item.repository ?? "")",
        ]
        for (title, values) in [
            ("Environment", item.environment), ("Labels", item.labels), ("Annotations", item.annotations),
        ] {
            guard let values, !values.isEmpty else { continue }
            lines.append("\(title):")
            lines += values.sorted { $0.key < $1.key }.map { "\t- \($0.key): \($0.value)" }
        }
        Console.raw(Columns.align(lines))
    }
}

/// `faas-cli store deploy`
struct StoreDeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Deploy a function of a store.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: StoreOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var deploy: DeployOptions

    @Option(name: .customLong("name"), help: "Name of the function, if not that of the store.")
    var functionName: String?

    @Argument(help: "Name of the function in the store.")
    var name: String?

    func run() async throws {
        try deploy.check()
        guard let name, !name.isEmpty else { throw CLIError(.usage, "please provide the function name") }
        let surroundings = Surroundings.current
        let item = try await options.read(surroundings).item(name, platform: options.platform)
        var function = StackFunction(name: functionName ?? item.name)
        function.fprocess = item.fprocess ?? ""
        function.environment = item.environment ?? [:]
        function.readOnly = item.readOnlyRootFilesystem ?? false
        function.limits = FunctionResources(memory: deploy.memoryLimit, cpu: deploy.cpuLimit)
        function.requests = FunctionResources(memory: deploy.memoryRequest, cpu: deploy.cpuRequest)
        var deployment = try Deployment.make(
            function, deploy, image: item.images[options.platform] ?? "", surroundings)
        // The store's labels and annotations win over the flags', as in `faas-cli`.
        deployment.labels = (deployment.labels ?? [:]).merging(item.labels ?? [:]) { $1 }
        deployment.annotations = (deployment.annotations ?? [:]).merging(item.annotations ?? [:]) { $1 }
        try await Deployer(options: deploy, gateway: gateway, stackGateway: nil).deploy([deployment])
    }
}
