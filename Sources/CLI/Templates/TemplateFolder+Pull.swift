import Foundation

extension TemplateFolder {
    /// The variable with the repository that `template pull` fetches.
    static let repositoryVariable = "OPENFAAS_TEMPLATE_URL"

    /// Puts a template of this program into the folder.
    func writeOwn(_ template: String) throws {
        let files = OwnTemplates.files(of: template)
        guard !files.isEmpty else {
            throw CLIError(.notFound, "there is no template \"\(template)\" in this program")
        }
        for file in files {
            let path = path(of: template) + "/" + file.path
            try LocalFile.makeDirectory((path as NSString).deletingLastPathComponent)
            try LocalFile.write(file.bytes, to: path, mode: file.path.hasSuffix(".sh") ? 0o755 : 0o644)
        }
    }

    /// Fetches the templates of a source.
    ///
    /// - Parameters:
    ///   - only: the one template that is wanted; `nil` for all.
    ///   - overwrite: whether a template that is there is replaced; otherwise it is kept and named.
    /// - Returns: the names of those that were written.
    func pull(
        _ source: TemplateSource, only: String?, overwrite: Bool, surroundings: Surroundings
    ) async throws -> [String] {
        switch source {
        case .folder(let path):
            return try take(
                from: surroundings.path(path), record: TemplateRecord(repository: path, ref: nil, sha: nil), only: only,
                overwrite: overwrite)
        case .repository(let address, let ref):
            let directory = NSTemporaryDirectory() + "faas-template-\(UInt64.random(in: 0 ... .max))"
            try LocalFile.makeDirectory(directory, mode: 0o700)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let sha = try await GitClone(directory: directory + "/clone", surroundings: surroundings)
                .run(address, ref: ref)
            return try take(
                from: directory + "/clone", record: TemplateRecord(repository: address, ref: ref, sha: sha),
                only: only, overwrite: overwrite)
        }
    }

    private func take(
        from folder: String, record: TemplateRecord, only: String?, overwrite: Bool
    ) throws -> [String] {
        let root = folder + "/" + Self.name
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted().filter { name in
            only.map { $0 == name } ?? true && FileManager.default.fileExists(atPath: "\(root)/\(name)/template.yml")
        }
        guard !names.isEmpty else {
            throw CLIError(
                .notFound,
                only.map { "\(record.repository) has no template \"\($0)\"" }
                    ?? "\(record.repository) has no folder \(Self.name)/ with templates in it")
        }
        var written: [String] = []
        for name in names {
            try BuildPath.checkTemplate(name)
            let target = record.ref.map { "\(name)@\($0.replacing("/", with: "-"))" } ?? name
            guard overwrite || !has(target) else { continue }
            try FolderCopy.replace(path(of: target))
            var copy = FolderCopy()
            try copy.contents(of: "\(root)/\(name)", to: path(of: target))
            try record.write(to: path(of: target) + "/meta.json")
            written.append(target)
        }
        return written
    }
}

/// `meta.json` of a template: where it came from.
struct TemplateRecord: Equatable, Sendable {
    var repository: String
    var ref: String?
    var sha: String?

    func write(to path: String) throws {
        var fields = ["repository": repository, "written_at": ISO8601DateFormatter().string(from: Date())]
        if let ref { fields["ref_name"] = ref }
        if let sha { fields["sha"] = sha }
        try LocalFile.write(Array(try PrettyJSON.text(fields).utf8) + [10], to: path, mode: 0o644)
    }
}

/// A clone of a repository, made by the program `git`.
struct GitClone: Sendable {
    let directory: String
    let surroundings: Surroundings

    /// - Returns: the commit.
    func run(_ address: String, ref: String?) async throws -> String {
        let isRemote = address.lowercased().hasPrefix("http")
        // Nothing but these ways to fetch, whatever the address or the repository says, and no question at the terminal.
        let protocols =
            ["protocol.allow=never"]
            + (isRemote
                ? ["protocol.http.allow=always", "protocol.https.allow=always"] : ["protocol.file.allow=always"])
        let git = Program(
            name: "git", environment: ["GIT_TERMINAL_PROMPT": "0"], directory: surroundings.directory)
        let options = protocols.flatMap { ["-c", $0] }
        var arguments = options + ["clone", "--quiet", "--no-recurse-submodules"]
        let commit = ref.flatMap(TemplateSource.commit)
        if commit == nil {
            arguments += ["--depth=1"]
            if let ref { arguments += ["--branch", ref] }
        }
        let source = isRemote ? address : "file://" + surroundings.path(address)
        let outcome = try await git.run(arguments + ["--", source, directory])
        guard outcome.code == 0 else {
            throw CLIError(
                .program, "cannot fetch \(address)\(ref.map { "#\($0)" } ?? ""): \(Self.lastLine(outcome.error))")
        }
        let clone = Program(name: "git", environment: ["GIT_TERMINAL_PROMPT": "0"], directory: directory)
        if let commit {
            let checkout = try await clone.run(["checkout", "--quiet", commit, "--"])
            guard checkout.code == 0 else {
                throw CLIError(.notFound, "\(address) has no commit \(commit)")
            }
        }
        return try await clone.run(["rev-parse", "HEAD"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func lastLine(_ text: String) -> String {
        text.split(separator: "\n").last.map(String.init) ?? "git failed"
    }
}
