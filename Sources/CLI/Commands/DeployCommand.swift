import ArgumentParser
import OpenFaaSAPI

/// The flags of a deployment, which `up` has, too.
struct DeployOptions: ParsableArguments {
    @Option(help: "Command that the watchdog runs for a call.")
    var fprocess = ""

    @Option(help: "Name of the network; has no effect.")
    var network = ""

    @OptionGroup var namespace: NamespaceOption

    @Option(name: .shortAndLong, help: "Environment variable: NAME=VALUE; may be given several times.")
    var env: [String] = []

    @Option(name: .shortAndLong, help: "Label: KEY=VALUE; may be given several times.")
    var label: [String] = []

    @Option(help: "Annotation: KEY=VALUE; may be given several times.")
    var annotation: [String] = []

    @Option(help: "Constraint on where it runs; may be given several times.")
    var constraint: [String] = []

    @Option(help: "Name of a secret that it gets; may be given several times.")
    var secret: [String] = []

    @Flag(help: "Remove the function and deploy it anew.")
    var replace = false

    @Flag(inversion: .prefixedNo, help: "Update a function that is there.")
    var update = true

    @Flag(help: "Make the root file system read-only.")
    var readonly = false

    @Flag(inversion: .prefixedNo, help: "Take fprocess from the function's template.")
    var readTemplate = true

    @Option(help: "How long a call of the API may take, such as 60s.")
    var timeout = "60s"

    @Option(help: "CPU to be given, such as 100m (without a YAML file).")
    var cpuRequest: String?

    @Option(help: "The most CPU, such as 1 (without a YAML file).")
    var cpuLimit: String?

    @Option(help: "Memory to be given, such as 64Mi (without a YAML file).")
    var memoryRequest: String?

    @Option(help: "The most memory, such as 128Mi (without a YAML file).")
    var memoryLimit: String?

    func check() throws {
        guard !(replace && update) else {
            throw CLIError(
                .usage, "cannot specify --update and --replace at the same time, use --replace --update=false")
        }
    }

    func timeLimit() throws -> Duration {
        guard let limit = GoDuration.parse(timeout), limit > .zero else {
            throw CLIError(.usage, "invalid --timeout \"\(timeout)\": it must be a time such as 60s")
        }
        return limit
    }
}

/// `faas-cli deploy`
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Deploy OpenFaaS functions.",
        discussion: "Deploys the functions of a stack file, or one with --image and --name.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var options: DeployOptions

    @Option(help: "Image of the function.")
    var image: String?

    @Option(help: "Name of the function.")
    var name: String?

    @Option(help: "Template of the function.")
    var lang = ""

    @Option(help: "Folder of the function's code; has no effect here.")
    var handler = ""

    @Option(help: "latest, sha, branch, describe or digest: how the image's tag was made.")
    var tag = "latest"

    func run() async throws {
        try options.check()
        let surroundings = Surroundings.current
        let file = try await Stack.load(stack)
        guard let image, let name, !image.isEmpty, !name.isEmpty, stack.yaml == nil else {
            guard let file else {
                throw CLIError(.usage, "to deploy a function give --yaml/-f or a --image and --name flag")
            }
            return try await deploy(file, surroundings)
        }
        // What is named is meant, also where there is a stack file.
        var function = StackFunction(name: name)
        function.fprocess = options.fprocess
        function.limits = FunctionResources(memory: options.memoryLimit, cpu: options.cpuLimit)
        function.requests = FunctionResources(memory: options.memoryRequest, cpu: options.cpuRequest)
        let deployment = try Deployment.make(function, options, image: image, surroundings)
        try await Deployer(options: options, gateway: gateway, stackGateway: file?.gateway).deploy([deployment])
    }

    private func deploy(_ file: StackFile, _ surroundings: Surroundings) async throws {
        var deployments: [FunctionDeployment] = []
        for function in file.functions {
            let image = try await TaggedImage.of(function, mode: tag, surroundings)
            deployments.append(try Deployment.make(function, options, image: image, surroundings))
        }
        try await Deployer(options: options, gateway: gateway, stackGateway: file.gateway).deploy(deployments)
    }
}
