import ArgumentParser
import Foundation

/// `faas-cli new`
struct NewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Create a new function from a template.",
        discussion: "Writes a folder with the code, and adds the function to stack.yaml.")

    @OptionGroup var stack: StackOptions

    @Option(help: "Template, such as python3; see --list.")
    var lang: String?

    @Option(name: .shortAndLong, help: "Gateway URL for the stack file.")
    var gateway = GatewayAddress.standard

    @Option(help: "Folder of the code, if not the function's name.")
    var handler: String?

    @Option(name: .shortAndLong, help: "Goes before the image's name: a user or registry.")
    var prefix: String?

    @Option(name: .shortAndLong, help: "Stack file to add the function to.")
    var append: String?

    @Option(help: "The most memory, such as 128Mi.")
    var memoryLimit: String?

    @Option(help: "The most CPU, such as 100m.")
    var cpuLimit: String?

    @Option(help: "Memory to be given, such as 64Mi.")
    var memoryRequest: String?

    @Option(help: "CPU to be given, such as 50m.")
    var cpuRequest: String?

    @Flag(help: "List the templates.")
    var list = false

    @Flag(name: .shortAndLong, help: "Print no notes.")
    var quiet = false

    @Flag(inversion: .prefixedNo, help: "Replace a template that is there when one is fetched.")
    var overwrite = true

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        let surroundings = Surroundings.current
        let templates = TemplateFolder(surroundings)
        if list {
            let names = Set(templates.names() + OwnTemplates.names).sorted()
            return Console.out("Languages available as templates:\n" + names.map { "- \($0)\n" }.joined())
        }
        guard let name, !name.isEmpty else { throw CLIError(.usage, "please provide a name for the function") }
        guard let lang, !lang.isEmpty else {
            throw CLIError(.usage, "you must supply a function language with the --lang flag")
        }
        try NewFunction.checkName(name)
        let folder = handler ?? name
        try BuildPath.check(folder, what: "--handler")
        try await templates.provide([(name: lang, place: "--lang")], sources: [], surroundings: surroundings)
        let function = NewFunction(
            name: name, lang: lang, handler: folder.hasPrefix("./") ? String(folder.dropFirst(2)) : folder,
            prefix: prefix ?? surroundings["OPENFAAS_PREFIX"] ?? "", gateway: gateway, memoryLimit: memoryLimit,
            cpuLimit: cpuLimit, memoryRequest: memoryRequest, cpuRequest: cpuRequest)
        let (path, text) = try stackFile(function, surroundings)
        let description = try templates.description(of: lang)
        try writeCode(function, description, surroundings)
        try LocalFile.write(Array(text.utf8), to: surroundings.path(path), mode: 0o644)
        try Self.ignore(surroundings)
        Console.out("Function created in folder: \(function.handler)")
        Console.out("Stack file written: \(path)")
        guard !quiet, !description.welcomeMessage.isEmpty else { return }
        Console.out("\nNotes:\n\(description.welcomeMessage)")
    }

    /// Where the function is written, and the text of the file then. A stack file that is here is added to: so `new` can
    /// be called for one function after the other.
    private func stackFile(_ function: NewFunction, _ surroundings: Surroundings) throws -> (path: String, text: String)
    {
        let here = StackFile.names.first { FileManager.default.fileExists(atPath: surroundings.path($0)) }
        guard let path = append ?? here else { return (StackFile.names[0], function.stackFile) }
        let text = try LocalFile.text(surroundings.path(path), limit: YAMLReader.maximumBytes)
        return (path, try function.appended(to: text, path: path))
    }

    private func writeCode(
        _ function: NewFunction, _ description: TemplateDescription, _ surroundings: Surroundings
    ) throws {
        let target = surroundings.path(function.handler)
        guard !FileManager.default.fileExists(atPath: target) else {
            throw CLIError(.file, "folder: \(function.handler) already exists")
        }
        let sample = TemplateFolder(surroundings).path(of: function.lang) + "/" + description.handlerFolder
        guard FileManager.default.fileExists(atPath: sample) else {
            return try LocalFile.makeDirectory(target)
        }
        var copy = FolderCopy()
        try copy.contents(of: sample, to: target)
    }

    /// Keeps what is made, and what is secret, out of git.
    private static func ignore(_ surroundings: Surroundings) throws {
        let path = surroundings.path(".gitignore")
        let text = (try? LocalFile.text(path, limit: 1 << 20)) ?? ""
        let lines = text.split(separator: "\n")
        let missing = ["template", "build", ".secrets"].filter { name in !lines.contains { $0 == name } }
        guard !missing.isEmpty else { return }
        let begin = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
        try LocalFile.write(Array((begin + missing.map { $0 + "\n" }.joined()).utf8), to: path, mode: 0o644)
    }
}
