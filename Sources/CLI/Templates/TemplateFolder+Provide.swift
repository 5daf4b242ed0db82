extension TemplateFolder {
    /// Sees that templates are there: those that are missing come from the source that the stack file names, else from
    /// this program.
    ///
    /// - Parameter templates: their names, and where each is named.
    /// - Throws: ``CLIError`` when one is not to be had.
    func provide(
        _ templates: [(name: String, place: String)], sources: [StackFile.Template], surroundings: Surroundings
    ) async throws {
        var seen: Set<String> = []
        for (name, place) in templates where seen.insert(name).inserted {
            guard !name.isEmpty else { throw CLIError(.stack, "\(place): lang is missing") }
            try BuildPath.checkTemplate(name)
            guard !has(name) else { continue }
            if let source = sources.first(where: { $0.name == name })?.source {
                Console.out("Fetching template \(name) from \(source)")
                _ = try await pull(
                    try TemplateSource.parse(source, isRepository: GitFolder.isRepository), only: nil, overwrite: false,
                    surroundings: surroundings)
            } else if !OwnTemplates.files(of: name).isEmpty {
                try writeOwn(name)
            }
            guard has(name) else {
                throw CLIError(
                    .notFound,
                    "\(place): the template \"\(name)\" is not in ./\(Self.name) and not part of this program (\(OwnTemplates.names.joined(separator: ", "))); "
                        + "fetch it with: faas-cli template pull https://…")
            }
        }
    }
}
