import Containers
import Yams

/// The values of a service.
extension ComposeReader {
    mutating func items(_ node: Node, _ what: String) -> [Node] {
        if Self.isNull(node) { return [] }
        guard let sequence = node.sequence else {
            complain(node, "\(what) must be a list")
            return []
        }
        return Array(sequence)
    }

    mutating func texts(_ node: Node, _ what: String) -> [String] {
        items(node, what).compactMap { item in
            if let text = item.scalar?.string { return text }
            complain(item, "\(what) must be a list of texts")
            return nil
        }
    }

    /// A list, or one text that is split at spaces outside of quotes.
    mutating func words(_ node: Node, _ what: String) -> [String]? {
        guard let text = node.scalar?.string else { return texts(node, what) }
        if Self.isNull(node) { return nil }
        guard let words = Self.split(text) else {
            complain(node, "\(what) has a quote that does not end; a list says it more clearly")
            return nil
        }
        return words
    }

    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil ? words : nil
    }

    /// A map, or a list of `NAME=VALUE`.
    mutating func environment(_ node: Node, _ name: String) -> [ContainerSpec.Variable] {
        if let mapping = node.mapping {
            return mapping.compactMap { key, value in
                guard let key = key.string, !key.isEmpty, let text = value.scalar?.string else {
                    complain(value, "\(name): a variable must have a name and a text as its value")
                    return nil
                }
                return ContainerSpec.Variable(key, Self.isNull(value) ? "" : text)
            }
        }
        return items(node, "\(name): environment").compactMap { item in
            let text = item.scalar?.string ?? ""
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                complain(item, "\(name): a variable must be NAME=VALUE; none is taken from the daemon's own")
                return nil
            }
            return ContainerSpec.Variable(String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }

    mutating func volume(_ node: Node, _ name: String) -> ServiceSpec.Volume? {
        if let mapping = node.mapping { return volume(mapping, node, name) }
        let parts = (node.scalar?.string ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.count == 2 || ["ro", "rw"].contains(parts[2]) else {
            complain(node, "\(name): a volume must be SOURCE:TARGET, or SOURCE:TARGET:ro")
            return nil
        }
        return volume(parts[0], parts[1], parts.count == 3 && parts[2] == "ro", node, name)
    }

    private mutating func volume(_ mapping: Node.Mapping, _ node: Node, _ name: String) -> ServiceSpec.Volume? {
        let keys = ["type", "source", "target", "read_only"]
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            complain(
                key, "\(name): unknown key \"\(key.string ?? "")\"; a volume's keys are \(keys.joined(separator: ", "))"
            )
        }
        guard mapping["type"]?.string ?? "bind" == "bind", let source = mapping["source"]?.string,
            let target = mapping["target"]?.string
        else {
            complain(node, "\(name): a volume needs source and target, and its type must be bind")
            return nil
        }
        return volume(source, target, mapping["read_only"]?.bool ?? false, node, name)
    }

    private mutating func volume(
        _ source: String, _ target: String, _ readOnly: Bool, _ node: Node, _ name: String
    ) -> ServiceSpec.Volume? {
        let isPath = source.hasPrefix("/") || source == "." || source.hasPrefix("./")
        guard isPath, !source.split(separator: "/").contains("..") else {
            complain(
                node,
                "\(name): \"\(source.prefix(80))\" must be a path without \"..\": from the root, or ./NAME beside this file"
            )
            return nil
        }
        guard target.hasPrefix("/"), !target.split(separator: "/").contains("..") else {
            complain(node, "\(name): \"\(target.prefix(80))\" must be an absolute path in the container")
            return nil
        }
        let rest = source.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        let path = source.hasPrefix("/") ? "/" + rest : rest.isEmpty ? folder : folder + "/" + rest
        return ServiceSpec.Volume(
            source: path, target: target, readOnly: readOnly, isBesideFile: !source.hasPrefix("/"))
    }

    /// `[ADDRESS:]PORT:PORT`. Without an address only this machine reaches it.
    mutating func port(_ node: Node, _ name: String) -> ServiceSpec.Port? {
        var text = node.scalar?.string ?? ""
        if text.hasSuffix("/tcp") { text.removeLast(4) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.suffix(2).compactMap { Int($0) }.filter { (1...65535).contains($0) }
        let address = parts.count == 3 ? parts[0] : "127.0.0.1"
        guard (2...3).contains(parts.count), numbers.count == 2, Self.isIPv4(address) else {
            complain(node, "\(name): a port must be PORT:PORT, or ADDRESS:PORT:PORT with an IPv4 address, and TCP")
            return nil
        }
        return ServiceSpec.Port(address: address, published: numbers[0], target: numbers[1])
    }

    private static func isIPv4(_ text: String) -> Bool {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes.allSatisfy { UInt8($0) != nil }
    }

    /// A list, or a map whose values say no more than that the other is started.
    mutating func dependencies(_ node: Node, _ name: String) -> [String] {
        guard let mapping = node.mapping else { return texts(node, "\(name): depends_on") }
        return mapping.compactMap { key, value in
            let condition = value.mapping?["condition"]?.string ?? "service_started"
            guard condition == "service_started" else {
                complain(value, "\(name): the only condition of depends_on is service_started")
                return nil
            }
            return key.string
        }
    }

    mutating func capability(_ text: String, _ node: Node, _ name: String) -> String? {
        let full = text.hasPrefix("CAP_") ? text : "CAP_" + text
        guard full.wholeMatch(of: /CAP_[A-Z_]{2,40}/) != nil, full != "CAP_ALL" else {
            complain(node, "\(name): \"\(text.prefix(40))\" is no capability such as NET_RAW")
            return nil
        }
        return full
    }

    mutating func user(_ node: Node, _ name: String) -> String? {
        let text = node.scalar?.string ?? ""
        guard text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?/) != nil else {
            complain(node, "\(name): user must be USER or USER:GROUP, by name or number")
            return nil
        }
        return text
    }
}
