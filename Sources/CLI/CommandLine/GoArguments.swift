/// Turns a command line as Go's flag library takes it into one that Swift's argument parser takes.
///
/// Users of `faas-cli` write `--update=false`, and the flags that every command has in front of the command.
enum GoArguments {
    /// Flags that are on unless they are turned off; they have a `--no-` form here.
    static let onByDefault: Set<String> = [
        "envsubst", "update", "read-template", "tail", "trim", "warn-update", "overwrite", "build", "verbose-list",
    ]

    /// Flags that are off unless they are given.
    static let offByDefault: Set<String> = [
        "all", "async", "auth", "debug", "disable-stack-pull", "ecr", "help", "instance", "json", "list", "name-column",
        "no-cache", "official", "print", "publish", "pull", "push", "quiet", "readonly", "recommended", "replace",
        "short-version", "shrinkwrap", "skip-deploy", "skip-push", "squash", "tls-no-verify", "verbose", "watch",
        "password-stdin", "follow",
    ]

    /// Flags that may stand in front of the command, each with a value.
    private static let ofEveryCommand: Set<String> = ["-f", "--yaml", "--regex", "--filter"]

    static func translate(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return inOrder(arguments[..<end].compactMap(translateWord)) + arguments[end...]
    }

    private static func translateWord(_ word: String) -> String? {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return word }
        let name = String(word.dropFirst(2)[..<equals])
        let value = word[word.index(after: equals)...].lowercased()
        // A number of lines, as `docker logs --tail` takes it.
        if name == "tail", UInt(value) != nil, value != "1", value != "0" { return "--lines=\(value)" }
        guard onByDefault.contains(name) || offByDefault.contains(name) else { return word }
        switch value {
        case "1", "t", "true": return "--" + name
        case "0", "f", "false": return onByDefault.contains(name) ? "--no-" + name : nil
        default: return word
        }
    }

    /// Puts what stands in front of the command behind it.
    private static func inOrder(_ words: [String]) -> [String] {
        var front: [String] = []
        var rest = words[...]
        while let word = rest.first, word.hasPrefix("-") {
            if ofEveryCommand.contains(word), rest.count > 1 {
                front += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if ofEveryCommand.contains(where: { word.hasPrefix($0 + "=") })
                || (word.hasPrefix("-f") && word.count > 2)
            {
                front.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return rest + front
    }
}
