import ArgumentParser
import Foundation

/// `faas-cli template`
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Manage the templates of functions.",
        subcommands: [TemplateListCommand.self, TemplatePullCommand.self, TemplateStoreCommand.self])
}

/// `faas-cli template list`
struct TemplateListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the templates that are here and those of this program.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions

    func run() throws {
        let folder = TemplateFolder(.current)
        let here = folder.names()
        let rows = Set(here + OwnTemplates.names).sorted().map { name in
            "\(name)\t\(here.contains(name) ? "./template/\(name)" : "this program")"
        }
        Console.raw(Columns.align(["NAME\tSOURCE"] + rows, padding: 2))
    }
}

/// `faas-cli template pull`
struct TemplatePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Get templates from a git repository, a folder or this program.",
        discussion: """
            Without a repository, and without the variable OPENFAAS_TEMPLATE_URL, the templates of this program are written, \
            which needs no network. A branch, tag or sha-COMMIT may stand behind a #. `pull stack` fetches what \
            configuration.templates of the stack file names.
            """)

    @OptionGroup var stack: StackOptions

    @Flag(inversion: .prefixedNo, help: "Replace templates that are there.")
    var overwrite = true

    @Flag(help: "Has no effect.")
    var debug = false

    @Argument(help: "URL or folder, or the word stack.")
    var repository: String?

    func run() async throws {
        let surroundings = Surroundings.current
        let folder = TemplateFolder(surroundings)
        if repository == "stack" { return try await pullStack(folder, surroundings) }
        guard let source = repository ?? surroundings[TemplateFolder.repositoryVariable] else {
            let names = OwnTemplates.names.filter { overwrite || !folder.has($0) }
            for name in names { try folder.writeOwn(name) }
            return Console.out("Wrote \(names.count) template(s) : [\(names.joined(separator: " "))] of this program")
        }
        try await pull(source, folder, surroundings)
    }

    private func pullStack(_ folder: TemplateFolder, _ surroundings: Surroundings) async throws {
        let file = try await Stack.require(stack)
        guard !file.templates.isEmpty else {
            throw CLIError(.stack, "\(file.path) has no configuration.templates")
        }
        for template in file.templates {
            if let source = template.source {
                try await pull(source, folder, surroundings)
            } else {
                try folder.writeOwn(template.name)
                Console.out("Wrote 1 template(s) : [\(template.name)] of this program")
            }
        }
    }

    private func pull(_ source: String, _ folder: TemplateFolder, _ surroundings: Surroundings) async throws {
        Console.out("Fetch templates from repository: \(source)")
        let names = try await folder.pull(
            try TemplateSource.parse(source, isRepository: GitFolder.isRepository), only: nil, overwrite: overwrite,
            surroundings: surroundings)
        Console.out("Wrote \(names.count) template(s) : [\(names.joined(separator: " "))] from \(source)")
    }
}
