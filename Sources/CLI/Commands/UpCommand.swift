import ArgumentParser
import OpenFaaSAPI

/// `faas-cli up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Builds, pushes and deploys OpenFaaS function containers.",
        discussion: """
            Where the gateway is a faasd, images go to its machine and no registry is needed; --push sends them to their \
            registry, too. With other gateways they are always pushed.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var build: BuildOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var deploy: DeployOptions

    @Flag(help: "Do not push the images to their registry.")
    var skipPush = false

    @Flag(help: "Do not deploy.")
    var skipDeploy = false

    @Flag(help: "Push the images to their registry, also where the gateway takes them itself.")
    var push = false

    @Flag(help: "Build for --platforms and push, as publish does.")
    var publish = false

    @OptionGroup var publishing: PublishOptions

    @Flag(help: "Build and deploy again whenever a file of a function is saved.")
    var watch = false

    func run() async throws {
        try deploy.check()
        try publishing.check()
        let command = self
        try await Interruption.cancels {
            let surroundings = Surroundings.current
            guard command.watch else {
                return try await command.once(try await command.build.functions(command.stack), surroundings)
            }
            try await EditLoop(options: command.build, stack: command.stack, surroundings: surroundings)
                .run { try await command.once($0, surroundings) }
        }
    }

    private func once(_ file: StackFile, _ surroundings: Surroundings) async throws {
        let job = try await BuildJob.prepare(file, build, surroundings)
        if publish {
            try await Publisher(options: build, publish: publishing).run(job)
            guard !build.shrinkwrap else { return }
        } else {
            try await job.build()
            guard !build.shrinkwrap else { return }
            let imported = try await importImages(job)
            if push || (!imported && !skipPush) { try await pushAll(job) }
        }
        guard !skipDeploy else { return }
        var deployments: [FunctionDeployment] = []
        for function in file.functions {
            deployments.append(
                try Deployment.make(function, deploy, image: job.images[function.name] ?? "", surroundings))
        }
        try await Deployer(options: deploy, gateway: gateway, stackGateway: file.gateway).deploy(deployments)
    }

    private func importImages(_ job: BuildJob) async throws -> Bool {
        guard !build.noImport else { return false }
        return try await Gateway.with(gateway, stack: job.file.gateway) { client in
            guard try await client.takesImages() else { return false }
            try await job.importAll(namespace: deploy.namespace.value, client)
            return true
        }
    }

    private func pushAll(_ job: BuildJob) async throws {
        try job.checkPushable()
        let images = job.file.functions.filter { !$0.skipBuild }.compactMap { job.images[$0.name] }
        try await PushCommand.push(images, job.delivery, parallel: build.parallel)
    }
}
