import AsyncHTTPClient
import Foundation

/// Finds and reads the stack file of a command.
enum Stack {
    /// The stack file that the flags name, or the one that is here.
    ///
    /// - Returns: `nil` when none is named and none is here.
    /// - Throws: ``CLIError`` when it cannot be read or is not as it must be.
    static func load(_ options: StackOptions, surroundings: Surroundings = .current) async throws -> StackFile? {
        guard let source = try find(options, surroundings) else { return nil }
        var text: String
        if source.path.hasPrefix("http://") || source.path.hasPrefix("https://") {
            text = try await fetch(source.path)
        } else {
            text = try LocalFile.text(surroundings.path(source.path), limit: YAMLReader.maximumBytes)
        }
        if options.envsubst {
            text = try EnvironmentSubstitution.apply(
                text, environment: surroundings.environment, path: source.path)
        }
        let (file, warnings) = try StackReader.read(text, path: source.path)
        for warning in warnings { Console.note("warning: \(warning)") }
        return try choose(file, options, only: source.only)
    }

    /// The stack file, which must be there.
    static func require(_ options: StackOptions, surroundings: Surroundings = .current) async throws -> StackFile {
        guard let file = try await load(options, surroundings: surroundings) else {
            throw CLIError(
                .stack, "you must supply a valid YAML file: stack.yaml is not here, so name one with --yaml/-f")
        }
        return file
    }

    private struct Source {
        var path: String
        /// The one function that is meant.
        var only: String?
    }

    /// Earlier releases of `faas-cli new` wrote NAME.yml, which articles and scripts go on naming. Where that file is not
    /// there and the stack file has a function of the name, that function is meant.
    private static func find(_ options: StackOptions, _ surroundings: Surroundings) throws -> Source? {
        let here = StackFile.names.first { FileManager.default.fileExists(atPath: surroundings.path($0)) }
        guard let named = options.yaml, !named.isEmpty else { return here.map { Source(path: $0) } }
        guard !named.contains("://"), !FileManager.default.fileExists(atPath: surroundings.path(named)),
            let here, let name = stem(named)
        else { return Source(path: named) }
        let text = try? LocalFile.text(surroundings.path(here), limit: YAMLReader.maximumBytes)
        guard let file = try? StackReader.read(text ?? "", path: here).file,
            file.functions.contains(where: { $0.name == name })
        else { return Source(path: named) }
        Console.note("note: \(named) is not here; using the function \(name) of \(here)")
        return Source(path: here, only: name)
    }

    /// `hello` of `hello.yml` and `./hello.yaml`.
    static func stem(_ path: String) -> String? {
        let name = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        for ending in [".yml", ".yaml"] where name.hasSuffix(ending) && !name.contains("/") {
            return String(name.dropLast(ending.count))
        }
        return nil
    }

    private static func fetch(_ address: String) async throws -> String {
        let reply: Reply
        do {
            reply = try await Transport.with(followsRedirects: true) { transport in
                try await transport.send(
                    HTTPClientRequest(url: address), timeout: .seconds(30), limit: YAMLReader.maximumBytes)
            }
        } catch {
            throw CLIError(.unreachable, "cannot read \(address): \(ConnectionProblem.text(error))")
        }
        guard reply.status == 200 else { throw CLIError(.notFound, "cannot read \(address): \(reply.statusLine)") }
        guard let text = String(validating: reply.body, as: UTF8.self) else {
            throw CLIError(.stack, "\(address) is not UTF-8 text")
        }
        return text
    }

    /// Leaves the functions that `--regex` or `--filter` choose.
    static func choose(_ file: StackFile, _ options: StackOptions, only: String? = nil) throws -> StackFile {
        let regex = options.regex ?? "", filter = options.filter ?? ""
        guard regex.isEmpty || filter.isEmpty else {
            throw CLIError(.usage, "pass in a regex or a filter, not both")
        }
        var file = file
        if let only { file.functions.removeAll { $0.name != only } }
        guard !regex.isEmpty || !filter.isEmpty else { return file }
        if regex.isEmpty {
            let pattern = Wildcard(filter)
            file.functions.removeAll { !pattern.matches($0.name) }
        } else {
            let pattern: Regex<AnyRegexOutput>
            do {
                pattern = try Regex(regex)
            } catch {
                throw CLIError(.usage, "\"\(regex)\" is not a regular expression")
            }
            file.functions.removeAll { $0.name.firstMatch(of: pattern) == nil }
        }
        guard !file.functions.isEmpty else {
            throw CLIError(.notFound, "no functions matching --filter/--regex were found in the YAML file")
        }
        return file
    }
}
