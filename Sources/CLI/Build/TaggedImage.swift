import Foundation

/// The image of a function with the tag that `--tag` asks for. Building, pushing and deploying must agree on it.
enum TaggedImage {
    private static let maximumFile = 512 << 20

    /// - Parameter mode: a ``FunctionImage/TagMode``.
    static func of(_ function: StackFunction, mode: String, _ surroundings: Surroundings) async throws -> String {
        guard let mode = FunctionImage.TagMode(rawValue: mode) else {
            throw CLIError(
                .usage, "--tag must be \(FunctionImage.TagMode.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let image = function.image
        guard !image.isEmpty else {
            throw CLIError(.stack, "\(function.place): functions.\(function.name).image is missing")
        }
        let tag = FunctionImage.tag(of: image) ?? "latest"
        let repository = FunctionImage.repository(of: image)
        let git = Program(name: "git", directory: surroundings.directory)
        switch mode {
        case .latest: return FunctionImage.withTag(image)
        case .sha: return "\(repository):\(tag)-\(try await ask(git, "rev-parse", "--short", "HEAD"))"
        case .branch:
            let branch = try await ask(git, "rev-parse", "--symbolic-full-name", "--abbrev-ref", "HEAD")
            let sha = try await ask(git, "rev-parse", "--short", "HEAD")
            return "\(repository):\(tag)-\(branch.replacing("/", with: "-"))-\(sha)"
        case .describe: return "\(repository):\(tag)-\(try await ask(git, "describe", "--tags", "--always"))"
        case .digest: return "\(repository):\(try digest(of: surroundings.path(function.handler)))"
        }
    }

    private static func ask(_ git: Program, _ arguments: String...) async throws -> String {
        let outcome = try await git.run(arguments)
        guard outcome.code == 0 else {
            throw CLIError(
                .program, "cannot tag the image with git: this is no git repository with a commit; use --tag latest")
        }
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The MD5 of the MD5 of each file of a folder, in the order of their paths: what `faas-cli` computes.
    private static func digest(of folder: String) throws -> String {
        guard let names = FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) else {
            throw CLIError(.file, "cannot read the folder \(folder)")
        }
        var digests: [UInt8] = []
        for name in names.sorted() {
            var isDirectory: ObjCBool = false
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
                continue
            }
            digests += MD5.digest(try LocalFile.bytes(path, limit: maximumFile))
        }
        return Hexadecimal.text(MD5.digest(digests))
    }
}
