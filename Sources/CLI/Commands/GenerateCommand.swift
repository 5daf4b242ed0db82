import ArgumentParser
import OpenFaaSAPI

/// `faas-cli generate`
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Generate Kubernetes CRD YAML file.",
        discussion: "Prints a Function resource of OpenFaaS for Kubernetes for each function of the stack file.")

    @OptionGroup var stack: StackOptions

    @Option(help: "API of the resources: openfaas.com/v1 or serving.knative.dev/v1.")
    var api = "openfaas.com/v1"

    @Option(name: .shortAndLong, help: "Namespace of the resources.")
    var namespace = "openfaas-fn"

    @Option(help: "latest, sha, branch, describe or digest: how the image's tag was made.")
    var tag = "latest"

    func run() async throws {
        guard ["openfaas.com/v1", "serving.knative.dev/v1"].contains(api) else {
            throw CLIError(.usage, "--api must be openfaas.com/v1 or serving.knative.dev/v1")
        }
        let surroundings = Surroundings.current
        let file = try await Stack.require(stack)
        for function in file.functions.sorted(by: { $0.name < $1.name }) {
            var function = function
            function.environment = try EnvironmentFiles.environment(of: function, surroundings)
            function.image = try await TaggedImage.of(function, mode: tag, surroundings)
            Console.raw(
                api == "openfaas.com/v1"
                    ? KubernetesResource.function(function, namespace: namespace)
                    : KubernetesResource.knative(function, namespace: namespace))
        }
    }
}

/// Resources of Kubernetes, as YAML.
enum KubernetesResource {
    /// A Function of OpenFaaS (`openfaas.com/v1`).
    static func function(_ function: StackFunction, namespace: String) -> String {
        var lines = [
            "---", "apiVersion: openfaas.com/v1", "kind: Function", "metadata:", "  name: \(scalar(function.name))",
            "  namespace: \(scalar(namespace))", "spec:", "  name: \(scalar(function.name))",
            "  image: \(scalar(function.image))",
        ]
        if !function.fprocess.isEmpty { lines.append("  handler: \(scalar(function.fprocess))") }
        lines += map("labels", function.labels, 1) + map("annotations", function.annotations, 1)
        lines += map("environment", function.environment, 1)
        lines += list("secrets", function.secrets, 1) + list("constraints", function.constraints, 1)
        for (title, resources) in [("limits", function.limits), ("requests", function.requests)] {
            guard let resources else { continue }
            lines.append("  \(title):")
            if let cpu = resources.cpu { lines.append("    cpu: \(scalar(cpu))") }
            if let memory = resources.memory { lines.append("    memory: \(scalar(memory))") }
        }
        if function.readOnly { lines.append("  readOnlyRootFilesystem: true") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A Service of Knative (`serving.knative.dev/v1`).
    static func knative(_ function: StackFunction, namespace: String) -> String {
        var lines = [
            "---", "apiVersion: serving.knative.dev/v1", "kind: Service", "metadata:",
            "  name: \(scalar(function.name))", "  namespace: \(scalar(namespace))",
        ]
        lines += map("labels", function.labels, 1) + map("annotations", function.annotations, 1)
        lines += ["spec:", "  template:", "    spec:", "      containers:", "      - image: \(scalar(function.image))"]
        var variables = function.environment
        if !function.fprocess.isEmpty { variables["fprocess"] = function.fprocess }
        if !variables.isEmpty {
            lines.append("        env:")
            for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
                lines += ["        - name: \(scalar(name))", "          value: \(scalar(value))"]
            }
        }
        return (lines + secrets(function)).joined(separator: "\n") + "\n"
    }

    private static func secrets(_ function: StackFunction) -> [String] {
        guard !function.secrets.isEmpty else { return [] }
        var mounts = ["        volumeMounts:"]
        var volumes = ["      volumes:"]
        for secret in function.secrets {
            mounts += [
                "        - mountPath: \(scalar("/var/openfaas/secrets/\(secret)"))",
                "          name: \(scalar(secret))",
                "          readOnly: true", "          subPath: \(scalar(secret))",
            ]
            volumes += [
                "      - name: \(scalar(secret))", "        secret:", "          secretName: \(scalar(secret))",
            ]
        }
        return mounts + volumes
    }

    private static func scalar(_ text: String) -> String { YAMLText.scalar(text) }

    private static func map(_ title: String, _ values: [String: String], _ depth: Int) -> [String] {
        guard !values.isEmpty else { return [] }
        let space = String(repeating: "  ", count: depth)
        return ["\(space)\(title):"]
            + values.sorted { $0.key < $1.key }.map { "\(space)  \(scalar($0.key)): \(scalar($0.value))" }
    }

    private static func list(_ title: String, _ values: [String], _ depth: Int) -> [String] {
        guard !values.isEmpty else { return [] }
        let space = String(repeating: "  ", count: depth)
        return ["\(space)\(title):"] + values.map { "\(space)- \(scalar($0))" }
    }
}
