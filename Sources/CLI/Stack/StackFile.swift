import OpenFaaSAPI

/// A stack file: functions, how they are built and how they are deployed (OpenFaaS docs "stack YAML").
struct StackFile: Equatable, Sendable {
    /// Where templates and other folders of a build come from.
    struct Template: Equatable, Sendable {
        var name: String
        /// A repository or a folder; `nil` for the template store.
        var source: String?
    }

    /// The names that a stack file has when none is given, the preferred one first.
    static let names = ["stack.yaml", "stack.yml"]

    /// The path or address it was read from.
    var path: String
    /// `provider.gateway`.
    var gateway: String?
    /// In the order of the file.
    var functions: [StackFunction] = []
    /// `configuration.templates`.
    var templates: [Template] = []
    /// `configuration.copy`: folders and files that every build gets.
    var copy: [String] = []
}

/// One function of a stack file.
struct StackFunction: Equatable, Sendable {
    var name: String
    /// Where it stands: `stack.yaml:12`.
    var place = ""
    var lang = ""
    /// The folder of its code.
    var handler = ""
    var image = ""
    var fprocess = ""
    var environment: [String: String] = [:]
    /// Files with an `environment:` of their own.
    var environmentFiles: [String] = []
    var secrets: [String] = []
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]
    var constraints: [String] = []
    var limits: FunctionResources?
    var requests: FunctionResources?
    var readOnly = false
    var skipBuild = false
    var buildOptions: [String] = []
    var buildArguments: [String: String] = [:]
    /// By id, the paths of files that a build may read and the image does not keep.
    var buildSecrets: [String: String] = [:]
    var namespace = ""
    var platforms = ""

    /// Whether its image is made of a Dockerfile of its own, without a template around it.
    var isDockerfile: Bool { lang.lowercased() == "dockerfile" }
}
