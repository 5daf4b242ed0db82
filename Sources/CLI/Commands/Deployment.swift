import OpenFaaSAPI

/// Makes the body of a deployment out of a stack file and flags, by the rules of `faas-cli`.
enum Deployment {
    /// - Parameter image: the reference with its tag.
    /// - Throws: ``CLIError`` for a flag or a file that is not as it must be.
    static func make(
        _ function: StackFunction, _ options: DeployOptions, image: String, _ surroundings: Surroundings
    ) throws -> FunctionDeployment {
        guard !image.isEmpty else {
            throw CLIError(.stack, "\(function.place): functions.\(function.name).image is missing")
        }
        let environment = try EnvironmentFiles.environment(of: function, surroundings)
            .merging(Pair.dictionary(options.env, of: "envvars")) { $1 }
        let labels = function.labels.merging(try Pair.dictionary(options.label, of: "labels")) { $1 }
        let annotations = function.annotations.merging(try Pair.dictionary(options.annotation, of: "annotations")) {
            $1
        }
        let secrets = options.secret + function.secrets.filter { !options.secret.contains($0) }
        let constraints = function.constraints.isEmpty ? options.constraint : function.constraints
        let namespace = options.namespace.value.isEmpty ? function.namespace : options.namespace.value
        let process = try process(function, options, surroundings)
        return FunctionDeployment(
            service: function.name, image: image, namespace: namespace.isEmpty ? nil : namespace,
            envProcess: process.isEmpty ? nil : process, envVars: environment.isEmpty ? nil : environment,
            constraints: constraints.isEmpty ? nil : constraints, secrets: secrets.isEmpty ? nil : secrets,
            labels: labels, annotations: annotations, limits: given(function.limits),
            requests: given(function.requests),
            readOnlyRootFilesystem: options.readonly || function.readOnly ? true : nil)
    }

    private static func given(_ resources: FunctionResources?) -> FunctionResources? {
        resources.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The stack file's command, else the template's. `--fprocess` wins over both.
    private static func process(
        _ function: StackFunction, _ options: DeployOptions, _ surroundings: Surroundings
    ) throws -> String {
        guard options.fprocess.isEmpty else { return options.fprocess }
        guard function.fprocess.isEmpty else { return function.fprocess }
        guard options.readTemplate, !function.lang.isEmpty, !function.isDockerfile else { return "" }
        return try TemplateFolder(surroundings).description(of: function.lang).fprocess
    }
}

/// Sends deployments to the gateway, one after the other, and tells of all that failed at the end.
struct Deployer {
    let options: DeployOptions
    let gateway: GatewayOptions
    /// `provider.gateway` of the stack file.
    let stackGateway: String?

    /// - Throws: ``CLIError`` that names every function that was not deployed.
    func deploy(_ deployments: [FunctionDeployment]) async throws {
        let limit = try options.timeLimit()
        let failures = try await Gateway.with(gateway, stack: stackGateway, warns: true) { client in
            var client = client
            client.timeout = limit
            var failures: [String] = []
            for deployment in deployments {
                Console.out("Deploying: \(deployment.service).")
                guard let failure = try await deploy(deployment, client) else { continue }
                failures.append(failure)
            }
            return failures
        }
        guard failures.isEmpty else { throw CLIError(.refused, failures.joined(separator: "\n")) }
    }

    /// - Returns: what went wrong.
    private func deploy(_ deployment: FunctionDeployment, _ client: GatewayClient) async throws -> String? {
        let target = FunctionTarget(name: deployment.service, namespace: deployment.namespace ?? "")
        // What is not there need not be removed.
        if options.replace { try? await client.remove(target) }
        let reply: Reply
        do {
            reply = try await send(deployment, client)
        } catch let error as CLIError where error.code == .unreachable {
            Console.out("\n\(FunctionCLI.sentence(error.message))\n")
            return "function '\(deployment.service)' failed to deploy with status code: 500"
        }
        switch reply.status {
        case 200, 201, 202:
            if reply.status == 200 {
                Console.out("Function \(deployment.service) already exists, attempting rolling-update.")
            }
            Console.out("\nDeployed. \(reply.statusLine).\nURL: \(client.address)/function/\(target.qualified)\n")
            return reply.status == 201 ? Self.failure(deployment, 201) : nil
        case 401: Console.out("\n\(GatewayClient.unauthorized)\n")
        default: Console.out("\nUnexpected status: \(reply.status), message: \(reply.text)\n")
        }
        return Self.failure(deployment, reply.status)
    }

    private static func failure(_ deployment: FunctionDeployment, _ status: Int) -> String {
        "function '\(deployment.service)' failed to deploy with status code: \(status)"
    }

    private func send(_ deployment: FunctionDeployment, _ client: GatewayClient) async throws -> Reply {
        guard options.update else { return try await client.deploy(deployment, update: false) }
        let reply = try await client.deploy(deployment, update: true)
        return reply.status == 404 ? try await client.deploy(deployment, update: false) : reply
    }
}
