import ArgumentParser
import NIOHTTP1
import OpenFaaSAPI

/// `faas-cli namespace`
struct NamespaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace", abstract: "Manage OpenFaaS namespaces.",
        subcommands: [
            NamespaceCreateCommand.self, NamespaceGetCommand.self, NamespaceListCommand.self,
            NamespaceRemoveCommand.self, NamespaceUpdateCommand.self,
        ], aliases: ["ns"])
}

/// The name of a namespace on the command line.
struct NamespaceName: ParsableArguments {
    @Argument(help: "Name of the namespace.")
    var names: [String] = []

    func one() throws -> String { try OneName.of(names, "namespace name") }
}

/// `faas-cli namespace list`
struct NamespaceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List OpenFaaS namespaces.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let names = try await Gateway.with(options) { client in try await client.namespaces() }
        if json { return Console.out(try PrettyJSON.text(names)) }
        Console.raw("Namespaces:\n" + names.map { " - \($0)\n" }.joined())
    }
}

/// `faas-cli namespaces`, the name of earlier releases.
struct NamespacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespaces", abstract: "List OpenFaaS namespaces.", shouldDisplay: false)

    @OptionGroup var list: NamespaceListCommand

    func run() async throws { try await list.run() }
}

/// Labels and annotations of a namespace.
struct NamespaceMarks: ParsableArguments {
    @Option(name: .shortAndLong, help: "Label: KEY=VALUE; may be given several times.")
    var label: [String] = []

    @Option(help: "Annotation: KEY=VALUE; may be given several times.")
    var annotation: [String] = []

    /// The body of a call; OpenFaaS marks its own namespaces in both.
    func namespace(_ name: String) throws -> FunctionNamespace {
        let marker = [FunctionNamespace.marker: "1"]
        return FunctionNamespace(
            name: name, labels: try Pair.dictionary(label, of: "labels").merging(marker) { $1 },
            annotations: try Pair.dictionary(annotation, of: "annotations").merging(marker) { $1 })
    }
}

/// `faas-cli namespace create`
struct NamespaceCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a namespace.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var marks: NamespaceMarks
    @OptionGroup var name: NamespaceName

    func run() async throws {
        let name = try name.one()
        let body = try marks.namespace(name)
        Console.out("Creating Namespace: \(name)")
        try await Gateway.with(options) { client in
            try client.changed(try await client.call(.POST, "/system/namespace/", json: body), name)
        }
        Console.out("Namespace Created: \(name)")
    }
}

/// `faas-cli namespace update`
struct NamespaceUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "update", abstract: "Update a namespace.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var marks: NamespaceMarks
    @OptionGroup var name: NamespaceName

    func run() async throws {
        let name = try name.one()
        let body = try marks.namespace(name)
        Console.out("Updating Namespace: \(name)")
        try await Gateway.with(options) { client in
            let path = "/system/namespace/\(GatewayClient.escaped(name))"
            try client.changed(try await client.call(.PUT, path, json: body), name)
        }
        Console.out("Namespace Updated: \(name)")
    }
}

/// `faas-cli namespace remove`
struct NamespaceRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a namespace.", aliases: ["rm", "delete"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var name: NamespaceName

    func run() async throws {
        let name = try name.one()
        Console.out("Deleting Namespace: \(name)")
        try await Gateway.with(options) { client in
            let body = FunctionNamespace(name: name, labels: [FunctionNamespace.marker: "1"])
            let path = "/system/namespace/\(GatewayClient.escaped(name))"
            try client.changed(try await client.call(.DELETE, path, json: body), name)
        }
        Console.out("Namespace Removed: \(name)")
    }
}

/// `faas-cli namespace get`
struct NamespaceGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Describe a namespace.", aliases: ["describe"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var name: NamespaceName

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let name = try name.one()
        let namespace = try await Gateway.with(options) { client in
            let reply = try await client.call(.GET, "/system/namespace/\(GatewayClient.escaped(name))")
            try client.changed(reply, name)
            return try client.decode(FunctionNamespace.self, from: reply)
        }
        if json { return Console.out(try PrettyJSON.text(namespace)) }
        var lines = ["Name:\t\(namespace.name)"]
        for (title, values) in [("Labels", namespace.labels), ("Annotations", namespace.annotations)] {
            guard let values, !values.isEmpty else { continue }
            lines.append("\(title):")
            lines += values.sorted { $0.key < $1.key }.map { "\t \($0.key): \($0.value)" }
        }
        Console.raw(Columns.align(lines))
    }
}

extension GatewayClient {
    /// Checks the answer to a call about a namespace.
    func changed(_ reply: Reply, _ name: String) throws {
        switch reply.status {
        case 200, 201, 202: return
        case 404: throw CLIError(.notFound, "namespace \(name) not found")
        default: throw unexpected(reply)
        }
    }
}
