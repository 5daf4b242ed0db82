import Yams

/// `template.yml` of a template (OpenFaaS docs "templates").
struct TemplateDescription: Equatable, Sendable {
    struct BuildOption: Equatable, Sendable {
        var name: String
        var packages: [String]
    }

    var language = ""
    var fprocess = ""
    var buildOptions: [BuildOption] = []
    var welcomeMessage = ""
    /// The folder of the template that holds the user's code.
    var handlerFolder = "function"
    var mountSSH = false

    /// - Throws: ``CLIError`` with file, line and key.
    static func read(_ text: String, path: String) throws -> TemplateDescription {
        var description = TemplateDescription()
        guard let root = try YAMLReader.compose(text, path: path) else { return description }
        var reader = YAMLReader(path: path)
        for (key, _, value) in reader.pairs(root, "the file") {
            switch key {
            case "language": description.language = reader.text(value, key)
            case "fprocess": description.fprocess = reader.text(value, key)
            case "welcome_message": description.welcomeMessage = reader.text(value, key)
            case "mount_ssh": description.mountSSH = reader.flag(value, key)
            case "handler_folder":
                let folder = reader.text(value, key)
                if !folder.isEmpty { description.handlerFolder = folder }
            case "build_options": description.buildOptions = options(value, &reader)
            default: break
            }
        }
        guard reader.problems.isEmpty else { throw CLIError(.stack, reader.problems.joined(separator: "\n")) }
        try BuildPath.check(description.handlerFolder, what: "\(path): handler_folder")
        return description
    }

    private static func options(_ node: Node, _ reader: inout YAMLReader) -> [BuildOption] {
        reader.items(node, "build_options").enumerated().map { index, item in
            var option = BuildOption(name: "", packages: [])
            for (key, _, value) in reader.pairs(item, "build_options[\(index)]") {
                switch key {
                case "name": option.name = reader.text(value, "build_options[\(index)].name")
                case "packages": option.packages = reader.list(value, "build_options[\(index)].packages")
                default: break
                }
            }
            return option
        }
    }
}
