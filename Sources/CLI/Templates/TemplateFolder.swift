import Foundation

/// The folder `template/` beside a stack file: one folder for each template.
struct TemplateFolder: Sendable {
    static let name = "template"

    let path: String

    init(_ surroundings: Surroundings) {
        path = surroundings.path(Self.name)
    }

    /// The folder of a template.
    func path(of template: String) -> String { path + "/" + template }

    /// The names of the templates that are there.
    func names() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { FileManager.default.fileExists(atPath: path(of: $0) + "/template.yml") }.sorted()
    }

    func has(_ template: String) -> Bool {
        FileManager.default.fileExists(atPath: path(of: template) + "/template.yml")
    }

    /// What a template says about itself.
    ///
    /// - Throws: ``CLIError`` when it is not there or not as it must be.
    func description(of template: String) throws -> TemplateDescription {
        try BuildPath.checkTemplate(template)
        guard has(template) else {
            throw CLIError(
                .stack,
                "template \"\(template)\" is not in ./\(Self.name): template directory may be missing or invalid, please "
                    + "run \"faas-cli template pull\"")
        }
        let file = path(of: template) + "/template.yml"
        return try TemplateDescription.read(
            try LocalFile.text(file, limit: YAMLReader.maximumBytes), path: "./\(Self.name)/\(template)/template.yml")
    }
}
