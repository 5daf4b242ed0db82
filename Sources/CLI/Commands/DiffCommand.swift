import ArgumentParser
import OpenFaaSAPI

/// `faas-cli diff`
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what differs between the stack file and what is deployed.",
        discussion:
            "Nothing is changed. Lines with - are the stack file's, those with + are deployed; status 1 with any.")

    /// Whose variables count.
    enum Variables: String, ExpressibleByArgument {
        case local, remote, all
    }

    @OptionGroup var stack: StackOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(help: "How the image's tag was made: latest, sha, branch, describe or digest.")
    var tag = "latest"

    @Option(help: "Which variables are compared: local, those of the stack file; remote, those deployed; or all.")
    var env = Variables.local

    func run() async throws {
        let surroundings = Surroundings.current
        let file = try await Stack.require(stack)
        var differs = false
        try await Gateway.with(gateway, stack: file.gateway) { client in
            var deployed: [String: [FunctionStatus]] = [:]
            for function in file.functions {
                let space = namespace.value.isEmpty ? function.namespace : namespace.value
                if deployed[space] == nil { deployed[space] = try await client.functions(namespace: space) }
                let image = try await TaggedImage.of(function, mode: tag, surroundings)
                let wanted = FunctionFacts(
                    function, image: image, environment: try EnvironmentFiles.environment(of: function, surroundings))
                let status = deployed[space]?.first { $0.name == function.name }
                let lines = FunctionFacts.differences(wanted, status.map(FunctionFacts.init), variables: env)
                guard !lines.isEmpty else { continue }
                differs = true
                Console.out(FunctionTarget(name: function.name, namespace: space).qualified)
                for line in lines { Console.out("  " + line) }
            }
        }
        guard !differs else { throw CLIError(.refused, "differences found") }
        Console.out("YAML matches deployment, no differences found.")
    }
}

/// What a deployment says, as names and values.
struct FunctionFacts: Equatable, Sendable {
    private var values: [String: String] = [:]

    init(_ function: StackFunction, image: String, environment: [String: String]) {
        self.init(
            image: image, process: function.fprocess, readOnly: function.readOnly, environment: environment,
            secrets: function.secrets, constraints: function.constraints, labels: function.labels,
            annotations: function.annotations, limits: function.limits, requests: function.requests)
    }

    init(_ status: FunctionStatus) {
        self.init(
            image: status.image, process: status.envProcess ?? "", readOnly: status.readOnlyRootFilesystem ?? false,
            environment: status.envVars ?? [:], secrets: status.secrets ?? [], constraints: status.constraints ?? [],
            labels: status.labels, annotations: status.annotations, limits: status.limits,
            requests: status.requests)
    }

    private init(
        image: String, process: String, readOnly: Bool, environment: [String: String], secrets: [String],
        constraints: [String], labels: [String: String], annotations: [String: String], limits: FunctionResources?,
        requests: FunctionResources?
    ) {
        values["image"] = image
        if !process.isEmpty { values["fprocess"] = process }
        values["readonly_root_filesystem"] = String(readOnly)
        for (kind, pairs) in [("environment", environment), ("labels", labels), ("annotations", annotations)] {
            for (name, value) in pairs { values["\(kind).\(name)"] = value }
        }
        for (kind, names) in [("secrets", secrets), ("constraints", constraints)] {
            for name in names { values["\(kind).\(name)"] = "present" }
        }
        for (kind, resources) in [("limits", limits), ("requests", requests)] {
            if let memory = resources?.memory, !memory.isEmpty { values["\(kind).memory"] = memory }
            if let cpu = resources?.cpu, !cpu.isEmpty { values["\(kind).cpu"] = cpu }
        }
    }

    /// - Parameter deployed: `nil` when the function is not there.
    static func differences(
        _ wanted: FunctionFacts, _ deployed: FunctionFacts?, variables: DiffCommand.Variables
    ) -> [String] {
        guard let deployed else { return ["is not deployed"] }
        var lines: [String] = []
        for name in Set(wanted.values.keys).union(deployed.values.keys).sorted() {
            let left = wanted.values[name], right = deployed.values[name]
            guard left != right else { continue }
            // The template has it, where the stack file has not.
            if name == "fprocess", left == nil { continue }
            if name.hasPrefix("environment.") {
                if variables == .local, left == nil { continue }
                if variables == .remote, right == nil { continue }
            }
            if let left { lines.append("- \(name): \(left)") }
            if let right { lines.append("+ \(name): \(right)") }
        }
        return lines
    }
}
