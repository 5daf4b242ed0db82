import ArgumentParser

/// The flags of a build, which `up` and `publish` have, too.
struct BuildOptions: ParsableArguments {
    @Option(help: "Name of the image, without a YAML file.")
    var image: String?

    @Option(help: "Folder of the function's code, without a YAML file.")
    var handler: String?

    @Option(help: "Name of the function, without a YAML file.")
    var name: String?

    @Option(help: "Template, without a YAML file.")
    var lang: String?

    @Option(help: "buildah, nerdctl or docker; default: the first of them that is installed.")
    var builder: String?

    @Flag(help: "Use nothing of earlier builds.")
    var noCache = false

    @Flag(help: "Make one layer of all.")
    var squash = false

    @Option(help: "How many images are built at once.")
    var parallel = 1

    @Flag(help: "Only write the folder ./build/NAME.")
    var shrinkwrap = false

    @Option(name: [.customShort("b"), .long], help: "Build argument: NAME=VALUE; may be given several times.")
    var buildArg: [String] = []

    @Option(
        name: [.customShort("o"), .long], help: "Build option of the template, such as dev; may be given several times."
    )
    var buildOption: [String] = []

    @Option(help: "Label of the image: KEY=VALUE; may be given several times.")
    var buildLabel: [String] = []

    @Option(help: "Path that the build gets besides; may be given several times.")
    var copyExtra: [String] = []

    @Option(help: "How the image's tag is made: latest, sha, branch, describe or digest.")
    var tag = "latest"

    @Flag(help: "Print no output of the build.")
    var quiet = false

    @Flag(help: "Do not fetch the templates that configuration.templates names.")
    var disableStackPull = false

    @Flag(help: "Fetch base images again.")
    var pull = false

    @Flag(help: "Has no effect.")
    var debug = false

    @Flag(inversion: .prefixedNo, help: "Replace templates that are there when some are fetched.")
    var overwrite = true

    @Flag(name: .customLong("no-import"), help: "Do not send the image to the gateway.")
    var noImport = false

    /// The functions to build: those of the stack file, or the one that the flags describe.
    func functions(_ stack: StackOptions) async throws -> StackFile {
        let named = image != nil && handler != nil && name != nil && lang != nil
        if !named || stack.yaml != nil, let file = try await Stack.load(stack) { return file }
        guard let image, let handler, let name, let lang else {
            throw CLIError(
                .usage, "please provide a stack file with --yaml/-f, or --image, --handler, --name and --lang")
        }
        var function = StackFunction(name: name, place: "--name")
        function.image = image
        function.handler = handler
        function.lang = lang
        return StackFile(path: "", functions: [function])
    }
}
