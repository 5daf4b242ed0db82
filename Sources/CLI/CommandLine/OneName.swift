/// An argument that is one name, in the words of `faas-cli` when there is none or are several.
enum OneName {
    static func of(_ names: [String], _ what: String) throws -> String {
        guard let name = names.first else { throw CLIError(.usage, "\(what) required") }
        guard names.count == 1 else { throw CLIError(.usage, "too many values for \(what)") }
        return name
    }
}
