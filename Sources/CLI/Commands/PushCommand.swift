import ArgumentParser

/// `faas-cli push`
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Push OpenFaaS functions to remote registry.",
        discussion: """
            An image without a registry or user in its name goes to the gateway's machine, where that is a faasd. Log in to a \
            registry with registry-login, `buildah login` or `docker login`.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(help: "How many images are pushed at once.")
    var parallel = 1

    @Option(help: "How the image's tag was made: latest, sha, branch, describe or digest.")
    var tag = "latest"

    @Option(help: "buildah, nerdctl or docker.")
    var builder: String?

    @Flag(help: "Print no output of the push.")
    var quiet = false

    func run() async throws {
        guard parallel > 0 else { throw CLIError(.usage, "the --parallel flag must be greater than 0") }
        let surroundings = Surroundings.current
        let file = try await Stack.require(stack)
        let delivery = ImageDelivery(
            builder: try ImageBuilder.choose(builder, surroundings), surroundings: surroundings, quiet: quiet)
        var remote: [String] = []
        var local: [(image: String, namespace: String)] = []
        for function in file.functions {
            guard !function.skipBuild else {
                Console.out("Skipping push of: \(function.name).")
                continue
            }
            let image = try await TaggedImage.of(function, mode: tag, surroundings)
            if image.contains("/") {
                remote.append(image)
            } else {
                local.append((image, namespace.value.isEmpty ? function.namespace : namespace.value))
            }
        }
        if !local.isEmpty { try await deliver(local, delivery, file) }
        try await Self.push(remote, delivery, parallel: parallel)
    }

    private func deliver(
        _ images: [(image: String, namespace: String)], _ delivery: ImageDelivery, _ file: StackFile
    ) async throws {
        try await Gateway.with(gateway, stack: file.gateway) { client in
            guard try await client.takesImages() else {
                throw CLIError(
                    .stack,
                    "unable to push \(images.map(\.image).joined(separator: ", ")): you must provide a username or registry "
                        + "prefix to the function's image such as user1/function1")
            }
            for (image, namespace) in images {
                try await delivery.importImage(image, namespace: namespace, client)
            }
        }
    }

    /// Pushes images, several at a time; the first failure ends it.
    static func push(_ images: [String], _ delivery: ImageDelivery, parallel: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = images.makeIterator()
            func startNext() {
                guard let image = waiting.next() else { return }
                group.addTask { try await delivery.push(image) }
            }
            for _ in 0..<min(parallel, 64) { startNext() }
            while try await group.next() != nil { startNext() }
        }
    }
}
