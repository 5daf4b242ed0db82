import ArgumentParser
import Foundation

/// `faas-cli template store`
struct TemplateStoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "List and get templates of a store.",
        discussion: """
            The list is at --url or OPENFAAS_TEMPLATE_STORE_URL, an address or a file; without one, the store has the \
            templates of this program.
            """,
        subcommands: [
            TemplateStoreListCommand.self, TemplateStoreDescribeCommand.self, TemplateStorePullCommand.self,
        ])
}

/// One template of a store (openfaas/store `templates.json`).
struct StoredTemplate: Codable, Equatable, Sendable {
    var template: String
    var platform: String?
    var language: String?
    var source: String?
    var description: String?
    var repo: String?
    var official: String?
    var recommended: Bool?

    /// The templates of this program, as a store would list them.
    static var own: [StoredTemplate] {
        OwnTemplates.names.map {
            StoredTemplate(
                template: $0, platform: FunctionStore.platform, language: $0, source: "faasd",
                description: "Part of this program", official: "true", recommended: true)
        }
    }
}

/// Where the store of templates is.
struct TemplateStoreOptions: ParsableArguments {
    static let variable = "OPENFAAS_TEMPLATE_STORE_URL"

    @Option(name: .shortAndLong, help: "Address or file of the list.")
    var url: String?

    func read(_ surroundings: Surroundings) async throws -> [StoredTemplate] {
        guard let source = url ?? surroundings[Self.variable] else { return StoredTemplate.own }
        return try await StoreDocument.read([StoredTemplate].self, from: source, surroundings)
    }

    /// A template by its name, or by `SOURCE/NAME`.
    func find(_ name: String, _ surroundings: Surroundings) async throws -> StoredTemplate {
        let all = try await read(surroundings)
        guard let found = all.first(where: { $0.template == name || "\($0.source ?? "")/\($0.template)" == name })
        else { throw CLIError(.notFound, "template with name: `\(name)` does not exist in the store") }
        return found
    }
}

/// `faas-cli template store list`
struct TemplateStoreListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the templates of a store.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: TemplateStoreOptions

    @Flag(name: .shortAndLong, help: "Print language and platform, too.")
    var verbose = false

    @Option(name: .shortAndLong, help: "Only templates for this platform.")
    var platform: String?

    @Flag(name: .shortAndLong, help: "Only recommended templates.")
    var recommended = false

    @Flag(name: .shortAndLong, help: "Only official templates.")
    var official = false

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() async throws {
        let templates = Self.choose(
            try await options.read(.current), platform: platform, recommended: recommended, official: official)
        if json { return Console.out(try PrettyJSON.text(templates)) }
        guard !templates.isEmpty else { return Console.out("No templates found in the store") }
        Console.raw(Self.table(templates, verbose: verbose))
    }

    static func choose(
        _ templates: [StoredTemplate], platform: String?, recommended: Bool, official: Bool
    ) -> [StoredTemplate] {
        templates.filter { template in
            (platform.map { template.platform?.lowercased() == $0.lowercased() } ?? true)
                && (!recommended || template.recommended == true) && (!official || template.official == "true")
        }.sorted { ($0.recommended == true ? 0 : 1, $0.template) < ($1.recommended == true ? 0 : 1, $1.template) }
    }

    static func table(_ templates: [StoredTemplate], verbose: Bool) -> String {
        let head =
            verbose
            ? "NAME\tRECOMMENDED\tSOURCE\tDESCRIPTION\tLANGUAGE\tPLATFORM" : "NAME\tRECOMMENDED\tDESCRIPTION\tSOURCE"
        let rows = templates.map { template in
            let mark = template.recommended == true ? "[x]" : "[ ]"
            let description = template.description ?? "", source = template.source ?? ""
            return verbose
                ? "\(template.template)\t\(mark)\t\(source)\t\(description)\t\(template.language ?? "")"
                    + "\t\(template.platform ?? "")"
                : "\(template.template)\t\(mark)\t\(description)\t\(source)"
        }
        return "\n" + Columns.align([head] + rows) + "\n"
    }
}

/// `faas-cli template store describe`
struct TemplateStoreDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Describe a template of a store.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: TemplateStoreOptions

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @Argument(help: "Name of the template.")
    var name: String?

    func run() async throws {
        guard let name, !name.isEmpty else { throw CLIError(.usage, "need to specify one of the store templates") }
        let template = try await options.find(name, .current)
        if json { return Console.out(try PrettyJSON.text(template)) }
        let rows = [
            "Name:\t\(template.template)", "Description:\t\(template.description ?? "")",
            "Language:\t\(template.language ?? "")", "Source:\t\(template.source ?? "")",
            "Repository:\t\(template.repo ?? "")", "Platform:\t\(template.platform ?? "")",
            "Official:\t\(template.official == "true" ? "[x]" : "[ ]")",
            "Recommended:\t\(template.recommended == true ? "[x]" : "[ ]")",
        ]
        Console.raw("\n" + Columns.align(rows) + "\n")
    }
}

/// `faas-cli template store pull`
struct TemplateStorePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Get a template of a store.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: TemplateStoreOptions

    @Flag(inversion: .prefixedNo, help: "Replace a template that is there.")
    var overwrite = true

    @Flag(help: "Has no effect.")
    var debug = false

    @Argument(help: "Name of the template; @REF behind it chooses a branch or tag.")
    var name: String?

    func run() async throws {
        guard let name, !name.isEmpty else {
            throw CLIError(
                .usage,
                "need to specify one of the store templates, check available ones by running the "
                    + "command:\n\nfaas-cli template store list\n")
        }
        let surroundings = Surroundings.current
        let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
        let template = try await options.find(parts[0], surroundings)
        let folder = TemplateFolder(surroundings)
        guard let repository = template.repo, !repository.isEmpty else {
            try folder.writeOwn(template.template)
            return Console.out("Wrote 1 template(s) : [\(template.template)] of this program")
        }
        let source = parts.count > 1 ? "\(repository)#\(parts[1])" : repository
        Console.out("Fetch templates from repository: \(source)")
        let names = try await folder.pull(
            try TemplateSource.parse(source, isRepository: GitFolder.isRepository), only: template.template,
            overwrite: overwrite, surroundings: surroundings)
        Console.out("Wrote \(names.count) template(s) : [\(names.joined(separator: " "))] from \(source)")
    }
}
