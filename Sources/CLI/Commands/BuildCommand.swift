import ArgumentParser

/// `faas-cli build`
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Builds OpenFaaS function containers.",
        discussion: """
            Images are built by buildah, nerdctl or docker, whichever is there first, and go to the gateway's machine where it \
            is a faasd, so that nothing need be pushed.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: BuildOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Flag(help: "Build again whenever a file of a function is saved.")
    var watch = false

    func run() async throws {
        let command = self
        try await Interruption.cancels {
            let surroundings = Surroundings.current
            guard command.watch else {
                return try await command.once(try await command.options.functions(command.stack), surroundings)
            }
            try await EditLoop(options: command.options, stack: command.stack, surroundings: surroundings)
                .run { try await command.once($0, surroundings) }
        }
    }

    private func once(_ file: StackFile, _ surroundings: Surroundings) async throws {
        let job = try await BuildJob.prepare(file, options, surroundings)
        try await job.build()
        guard !options.shrinkwrap, !options.noImport else { return }
        do {
            try await Gateway.with(gateway, stack: file.gateway) { client in
                guard try await client.takesImages() else { return }
                try await job.importAll(namespace: namespace.value, client)
            }
        } catch let error as CLIError where error.code == .unreachable || error.code == .unauthorized {
            // The images are built; where they are wanted is known later.
            Console.note("note: the images were not sent to a gateway: \(error)")
        }
    }
}

/// The images of a stack file, from the templates on.
struct BuildJob: Sendable {
    let file: StackFile
    /// By function, the image with its tag.
    let images: [String: String]
    let builds: FunctionBuild
    let delivery: ImageDelivery
    let parallel: Int

    /// Finds the builder, and fetches templates that are missing.
    static func prepare(_ file: StackFile, _ options: BuildOptions, _ surroundings: Surroundings) async throws
        -> BuildJob
    {
        guard !file.functions.isEmpty else { throw CLIError(.stack, "\(file.path) has no functions") }
        guard options.parallel > 0 else { throw CLIError(.usage, "the --parallel flag must be greater than 0") }
        let builder = try ImageBuilder.choose(options.builder, surroundings)
        let sources = options.disableStackPull ? [] : file.templates
        try await TemplateFolder(surroundings).provide(
            file.functions.filter { !$0.skipBuild && !$0.isDockerfile }.map { (name: $0.lang, place: $0.place) },
            sources: sources, surroundings: surroundings)
        var images: [String: String] = [:]
        for function in file.functions {
            images[function.name] = try await TaggedImage.of(function, mode: options.tag, surroundings)
        }
        let settings = try FunctionBuild.Settings(options, stack: file)
        return BuildJob(
            file: file, images: images,
            builds: FunctionBuild(options: settings, builder: builder, surroundings: surroundings),
            delivery: ImageDelivery(builder: builder, surroundings: surroundings, quiet: options.quiet),
            parallel: options.parallel)
    }

    func build() async throws {
        try await builds.run(file.functions, images: images, parallel: parallel)
    }

    /// - Throws: ``CLIError`` for images without a registry or user in their names.
    func checkPushable() throws {
        let local = file.functions.filter { !$0.skipBuild }.compactMap { images[$0.name] }.filter { !$0.contains("/") }
        guard local.isEmpty else {
            throw CLIError(
                .stack,
                "unable to push \(local.joined(separator: ", ")): you must provide a username or registry prefix to the "
                    + "function's image such as user1/function1")
        }
    }

    /// Sends the images to the gateway's machine.
    func importAll(namespace: String, _ client: GatewayClient) async throws {
        for function in file.functions where !function.skipBuild {
            let space = namespace.isEmpty ? function.namespace : namespace
            try await delivery.importImage(images[function.name] ?? "", namespace: space, client)
        }
    }
}
