import Yams

/// The files of `environment_file`: each has one map `environment:`.
enum EnvironmentFiles {
    /// What a function's environment is: the stack file's, over which later files win.
    ///
    /// - Throws: ``CLIError`` with file, line and key.
    static func environment(of function: StackFunction, _ surroundings: Surroundings) throws -> [String: String] {
        var result = function.environment
        for path in function.environmentFiles {
            let text: String
            do {
                text = try LocalFile.text(surroundings.path(path), limit: YAMLReader.maximumBytes)
            } catch {
                throw CLIError(.stack, "\(function.place): functions.\(function.name).environment_file: \(error)")
            }
            result.merge(try read(text, path: path)) { $1 }
        }
        return result
    }

    static func read(_ text: String, path: String) throws -> [String: String] {
        guard let root = try YAMLReader.compose(text, path: path) else { return [:] }
        var reader = YAMLReader(path: path)
        var result: [String: String] = [:]
        for pair in reader.pairs(root, "the file") where pair.key == "environment" {
            result = reader.map(pair.value, "environment")
        }
        guard reader.problems.isEmpty else { throw CLIError(.stack, reader.problems.joined(separator: "\n")) }
        return result
    }
}
