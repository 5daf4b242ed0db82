import OpenFaaSAPI
import Yams

/// Turns the text of a stack file into a ``StackFile``.
struct StackReader {
    private var reader: YAMLReader
    private let path: String

    private static let functionKeys: Set<String> = [
        "lang", "handler", "image", "fprocess", "environment", "environment_file", "secrets", "labels", "annotations",
        "constraints", "limits", "requests", "readonly_root_filesystem", "skip_build", "build_options", "build_args",
        "build_secrets", "namespace", "platforms",
    ]
    private static let topKeys: Set<String> = ["version", "provider", "functions", "configuration"]

    /// Reads a file's text, in which variables have been substituted already.
    ///
    /// - Returns: the file, and what is odd in it.
    /// - Throws: ``CLIError`` with every problem, one a line, each with file, line and key.
    static func read(_ text: String, path: String) throws -> (file: StackFile, warnings: [String]) {
        guard let root = try YAMLReader.compose(text, path: path) else {
            throw CLIError(.stack, "\(path) is empty")
        }
        var reader = StackReader(path: path)
        let file = reader.file(root)
        guard reader.reader.problems.isEmpty else {
            throw CLIError(.stack, reader.reader.problems.joined(separator: "\n"))
        }
        return (file, reader.reader.warnings)
    }

    private init(path: String) {
        self.path = path
        reader = YAMLReader(path: path)
    }

    private mutating func file(_ root: Node) -> StackFile {
        var file = StackFile(path: path)
        var hasProvider = false
        for (key, name, value) in reader.pairs(root, "the file") {
            switch key {
            case "version": version(value)
            case "provider":
                hasProvider = true
                file.gateway = provider(value)
            case "functions":
                file.functions = reader.pairs(value, key).map { function($0.key, name: $0.name, $0.value) }
            case "configuration": configuration(value, &file)
            default: unknown(key, name, among: Self.topKeys, of: "a stack file")
            }
        }
        if !hasProvider { reader.complain(root, "provider", "is missing: write provider: {name: openfaas}") }
        return file
    }

    private mutating func version(_ node: Node) {
        let version = reader.text(node, "version")
        guard !version.isEmpty, version != "1.0" else { return }
        reader.complain(node, "version", "must be 1.0, not \"\(version.prefix(40))\"")
    }

    private mutating func provider(_ node: Node) -> String? {
        var gateway: String?
        var provider = ""
        for (key, name, value) in reader.pairs(node, "provider") {
            switch key {
            case "name": provider = reader.text(value, "provider.name")
            case "gateway": gateway = reader.text(value, "provider.gateway")
            // A key of OpenFaaS's first years.
            case "network": break
            default: unknown(key, name, among: ["name", "gateway"], of: "provider")
            }
        }
        if provider != "openfaas" {
            reader.complain(node, "provider.name", "must be openfaas, not \"\(provider.prefix(40))\"")
        }
        return gateway
    }

    private mutating func configuration(_ node: Node, _ file: inout StackFile) {
        for (key, name, value) in reader.pairs(node, "configuration") {
            switch key {
            case "templates":
                for (index, item) in reader.items(value, "configuration.templates").enumerated() {
                    let fields = reader.map(item, "configuration.templates[\(index)]")
                    guard let template = fields["name"], !template.isEmpty else {
                        reader.complain(item, "configuration.templates[\(index)].name", "is missing")
                        continue
                    }
                    file.templates.append(.init(name: template, source: fields["source"]))
                }
            case "copy":
                file.copy = reader.list(value, "configuration.copy")
                for (path, item) in zip(file.copy, value.sequence ?? []) where !BuildPath.isBelow(path) {
                    reader.complain(
                        item, "configuration.copy",
                        "\"\(path.prefix(200))\" must be a path below this folder, without \"..\"")
                }
            default: unknown(key, name, among: ["templates", "copy"], of: "configuration")
            }
        }
    }

    private mutating func function(_ name: String, name node: Node, _ value: Node) -> StackFunction {
        var function = StackFunction(name: name, place: reader.place(node))
        if !FunctionNameRule.holds(name) {
            reader.complain(node, "functions.\(name.prefix(80))", FunctionNameRule.text)
        }
        for (key, keyNode, value) in reader.pairs(value, "functions.\(name)") {
            let path = "functions.\(name).\(key)"
            switch key {
            case "lang": function.lang = reader.text(value, path)
            case "handler": function.handler = reader.text(value, path)
            case "image": function.image = reader.text(value, path)
            case "fprocess": function.fprocess = reader.text(value, path)
            case "environment": function.environment = environment(value, path)
            case "environment_file": function.environmentFiles = reader.list(value, path)
            case "secrets": function.secrets = reader.list(value, path)
            case "labels": function.labels = reader.map(value, path)
            case "annotations": function.annotations = reader.map(value, path)
            case "constraints": function.constraints = reader.list(value, path)
            case "limits": function.limits = resources(value, path)
            case "requests": function.requests = resources(value, path)
            case "readonly_root_filesystem": function.readOnly = reader.flag(value, path)
            case "skip_build": function.skipBuild = reader.flag(value, path)
            case "build_options": function.buildOptions = reader.list(value, path)
            case "build_args": function.buildArguments = reader.map(value, path)
            case "build_secrets": function.buildSecrets = reader.map(value, path)
            case "namespace": function.namespace = reader.text(value, path)
            case "platforms": function.platforms = reader.text(value, path)
            default: unknown(key, keyNode, among: Self.functionKeys, of: "a function")
            }
        }
        return function
    }

    /// `environment:` is a map of texts; many articles put it into a `variables:` of its own, which is read as well.
    private mutating func environment(_ node: Node, _ path: String) -> [String: String] {
        guard let mapping = node.mapping, mapping.count == 1, let only = mapping.first,
            only.key.scalar?.string == "variables", only.value.mapping != nil
        else { return reader.map(node, path) }
        return reader.map(only.value, path + ".variables")
    }

    private mutating func resources(_ node: Node, _ path: String) -> FunctionResources? {
        var resources = FunctionResources()
        for (key, name, value) in reader.pairs(node, path) {
            switch key {
            case "memory": resources.memory = reader.text(value, path + ".memory")
            case "cpu": resources.cpu = reader.text(value, path + ".cpu")
            default: unknown(key, name, among: ["memory", "cpu"], of: path)
            }
        }
        return resources.isEmpty ? nil : resources
    }

    /// `faas-cli` passes over keys it does not know, so it is no error; but it is nearly always a slip.
    private mutating func unknown(_ key: String, _ node: Node, among known: Set<String>, of owner: String) {
        let near = known.filter { EditDistance.between($0, key) <= 2 }.sorted().first
        reader.warn(
            node, "\"\(key.prefix(80))\" is not a key of \(owner)" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
}

/// The names that functions of a stack file may have: what the gateway takes.
enum FunctionNameRule {
    static let text = "must be 1 to 63 letters, digits, '-' or '_', and begin and end with a letter or digit"

    static func holds(_ name: String) -> Bool { (try? FunctionName(name)) != nil }
}

/// How far apart two words are.
enum EditDistance {
    /// The number of letters to change, add or remove (Levenshtein); long words are not compared.
    static func between(_ first: String, _ second: String) -> Int {
        let first = Array(first), second = Array(second)
        guard first.count <= 64, second.count <= 64 else { return .max }
        var row = Array(0...second.count)
        for (index, letter) in first.enumerated() {
            var previous = row[0]
            row[0] = index + 1
            for column in second.indices {
                let above = row[column + 1]
                row[column + 1] = min(
                    above + 1, row[column] + 1, previous + (letter == second[column] ? 0 : 1))
                previous = above
            }
        }
        return row[second.count]
    }
}
