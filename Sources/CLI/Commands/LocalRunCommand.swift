import ArgumentParser

/// `faas-cli local-run`
struct LocalRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local-run", abstract: "Run a function of the stack file on this machine, without a gateway.",
        discussion: """
            The image is built and run in a container of the builder's own, with the watchdog that faasd would put into it. \
            With buildah the function shares the network of this machine and listens on all its addresses. Secrets are files \
            in ./.secrets. Ctrl-C ends the function and removes its container.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: BuildOptions

    @Flag(help: "Print the command that runs the function, and do not run it.")
    var print = false

    @Flag(inversion: .prefixedNo, help: "Build the image first.")
    var build = true

    @Option(name: .shortAndLong, help: "Port of the function; 0 for any that is free.")
    var port: UInt16 = 8080

    @Option(help: "Network of the container, with nerdctl and docker.")
    var network: String?

    @Option(name: .shortAndLong, help: "Environment variable: NAME=VALUE; may be given several times.")
    var env: [String] = []

    @Flag(help: "Build and run again whenever a file of the function is saved.")
    var watch = false

    @Argument(help: "Name of the function, where the stack file has several.")
    var function: String?

    func run() async throws {
        let command = self
        try await Interruption.cancels {
            let surroundings = Surroundings.current
            guard command.watch else {
                let file = try command.chosen(try await command.options.functions(command.stack))
                return try await command.prepare(file, surroundings)?.run()
            }
            try await command.keepRunning(surroundings)
        }
    }

    private func keepRunning(_ surroundings: Surroundings) async throws {
        var running: Task<Void, any Error>?
        func stop() async {
            running?.cancel()
            // It was told what went wrong.
            try? await running?.value
        }
        do {
            try await EditLoop(options: options, stack: stack, surroundings: surroundings).run { file in
                await stop()
                guard let function = try await prepare(try chosen(file), surroundings) else { return }
                running = Task {
                    do {
                        try await function.run()
                    } catch let error as CLIError {
                        Console.out(FunctionCLI.sentence(error.message))
                    }
                }
            }
        } catch {
            await stop()
            throw error
        }
    }

    private func chosen(_ file: StackFile) throws -> StackFile {
        var file = file
        if let function { file.functions.removeAll { $0.name != function } }
        guard let first = file.functions.first else {
            throw CLIError(
                .notFound, function.map { "\(file.path) has no function \"\($0)\"" } ?? "there are no functions")
        }
        guard file.functions.count == 1 else {
            let names = file.functions.map(\.name).joined(separator: ", ")
            throw CLIError(.usage, "name the function to run: faas-cli local-run \(first.name); there are \(names)")
        }
        return file
    }

    /// - Returns: `nil` when the function is not to be run.
    private func prepare(_ file: StackFile, _ surroundings: Surroundings) async throws -> LocalFunction? {
        let job = try await BuildJob.prepare(file, options, surroundings)
        if build { try await job.build() }
        guard !options.shrinkwrap, let function = file.functions.first, let image = job.images[function.name] else {
            return nil
        }
        let local = try await LocalFunction.make(
            function, image: image, builder: job.delivery.builder,
            variables: try Pair.dictionary(env, of: "envvars", allowsEmpty: true), port: port, network: network,
            surroundings)
        guard !print else {
            Console.out(local.commandLine)
            return nil
        }
        return local
    }
}
