import Yams

/// Reads values out of a YAML document and collects what is wrong with it, each with its line.
///
/// A few hundred bytes of aliases can stand for gigabytes, so the number of values that are looked at is bounded.
struct YAMLReader {
    /// The longest document, in bytes.
    static let maximumBytes = 1 << 20
    /// The most values, aliases followed.
    private static let maximumValues = 100_000
    /// The most problems that are told of: the later ones are often caused by the first.
    private static let maximumProblems = 20

    let path: String
    private(set) var problems: [String] = []
    /// What is odd but no reason to stop.
    private(set) var warnings: [String] = []
    private var values = 0

    init(path: String) {
        self.path = path
    }

    /// Parses a document.
    ///
    /// - Returns: its root; `nil` when it is empty.
    /// - Throws: ``CLIError`` that names the line.
    static func compose(_ text: String, path: String) throws -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw CLIError(.stack, sentence(error, path: path))
        } catch {
            throw CLIError(.stack, "\(path) is not valid YAML")
        }
    }

    private static func sentence(_ error: YamlError, path: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(path):\(mark.line): not valid YAML in column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "\(path):\(context.mark.line): \(keys.map { "\"\($0)\"" }.joined(separator: ", ")) is there twice"
        default: "\(path) is not valid YAML"
        }
    }

    /// `stack.yaml:12`
    func place(_ node: Node?) -> String { node?.mark.map { "\(path):\($0.line)" } ?? path }

    mutating func complain(_ node: Node?, _ key: String, _ rule: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append("\(place(node)): \(key) \(rule)")
    }

    mutating func warn(_ node: Node?, _ sentence: String) {
        guard warnings.count < Self.maximumProblems else { return }
        warnings.append("\(place(node)): \(sentence)")
    }

    private mutating func counts(_ node: Node) -> Bool {
        values += 1
        if values == Self.maximumValues { complain(node, "the file", "has more than \(Self.maximumValues) values") }
        return values < Self.maximumValues
    }

    /// The pairs of a mapping, with those that `<<` brings in; nothing for null.
    mutating func pairs(_ node: Node, _ key: String, depth: Int = 0) -> [(key: String, name: Node, value: Node)] {
        guard counts(node), !Self.isNull(node) else { return [] }
        guard let mapping = node.mapping else {
            complain(node, key, "must be a map of keys and values, not \(Self.kind(node))")
            return []
        }
        var result: [(key: String, name: Node, value: Node)] = []
        var merged: [(key: String, name: Node, value: Node)] = []
        for (name, value) in mapping {
            guard counts(value), let text = name.scalar?.string else { continue }
            guard text == "<<", name.scalar?.style == .plain, depth < 8 else {
                result.append((text, name, value))
                continue
            }
            let sources = value.sequence.map(Array.init) ?? [value]
            for source in sources { merged += pairs(source, key, depth: depth + 1) }
        }
        for pair in merged where !result.contains(where: { $0.key == pair.key }) { result.append(pair) }
        return result
    }

    /// A text as it is written: `true`, `1.50` and `010` are themselves, null is nothing.
    mutating func text(_ node: Node, _ key: String) -> String {
        guard counts(node) else { return "" }
        guard let scalar = node.scalar else {
            complain(node, key, "must be text, not \(Self.kind(node))")
            return ""
        }
        return Self.isNull(node) ? "" : scalar.string
    }

    /// `true` or `false`.
    mutating func flag(_ node: Node, _ key: String) -> Bool {
        let text = text(node, key)
        switch text.lowercased() {
        case "true", "yes", "on", "y": return true
        case "false", "no", "off", "n", "": return false
        default:
            complain(node, key, "must be true or false, not \"\(text.prefix(40))\"")
            return false
        }
    }

    /// A list of texts.
    mutating func list(_ node: Node, _ key: String) -> [String] {
        items(node, key).enumerated().map { index, item in text(item, "\(key)[\(index)]") }
    }

    /// The items of a list; nothing for null.
    mutating func items(_ node: Node, _ key: String) -> [Node] {
        guard counts(node), !Self.isNull(node) else { return [] }
        guard let sequence = node.sequence else {
            complain(node, key, "must be a list (- item), not \(Self.kind(node))")
            return []
        }
        return sequence.filter { counts($0) }
    }

    /// A map of texts.
    mutating func map(_ node: Node, _ key: String) -> [String: String] {
        var result: [String: String] = [:]
        for pair in pairs(node, key) { result[pair.key] = text(pair.value, "\(key).\(pair.key)") }
        return result
    }

    static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private static func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "a map"
        case .sequence: "a list"
        default: "text"
        }
    }
}
