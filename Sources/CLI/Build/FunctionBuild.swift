import Foundation

/// Builds the images of functions, several at a time.
struct FunctionBuild: Sendable {
    var options: Settings
    let builder: ImageBuilder
    let surroundings: Surroundings

    /// What of the flags a build needs.
    struct Settings: Sendable {
        var arguments: [String: String]
        var packages: [String]
        var labels: [String]
        var copies: [String]
        var noCache = false
        var squash = false
        var pull = false
        var quiet = false
        var shrinkwrap = false
        /// None for this machine's.
        var platforms: [String] = []

        init(_ options: BuildOptions, stack: StackFile) throws {
            arguments = try Pair.dictionary(options.buildArg, of: "build-args", allowsEmpty: true)
            packages = options.buildOption
            labels = options.buildLabel
            copies = stack.copy + options.copyExtra
            noCache = options.noCache
            squash = options.squash
            pull = options.pull
            quiet = options.quiet
            shrinkwrap = options.shrinkwrap
        }
    }

    /// Builds the images of functions.
    ///
    /// - Parameters:
    ///   - images: by function, the image's name with its tag.
    ///   - parallel: how many at once.
    /// - Throws: ``CLIError`` when one of them fails; the others are built all the same.
    func run(_ functions: [StackFunction], images: [String: String], parallel: Int) async throws {
        let begun = ContinuousClock.now
        let containers =
            builder == .buildah && !options.shrinkwrap
            ? try await WorkingContainers(builder.program(surroundings)) : nil
        let failures = await withTaskGroup(of: String?.self) { group in
            var waiting = functions.enumerated().makeIterator()
            var failures: [String] = []
            func startNext() {
                guard let (index, function) = waiting.next() else { return }
                group.addTask { await build(function, index: index, image: images[function.name] ?? "") }
            }
            for _ in 0..<max(1, min(parallel, 64)) { startNext() }
            while let failure = await group.next() {
                if let failure { failures.append(failure) }
                startNext()
            }
            return failures
        }
        if Task.isCancelled {
            await containers?.removeNew()
            throw CancellationError()
        }
        guard failures.isEmpty else {
            throw CLIError(.program, "Errors received during build:\n" + failures.joined(separator: "\n"))
        }
        if !options.quiet { Console.out("\nTotal build time: \(Seconds.text(since: begun))") }
    }

    /// - Returns: what went wrong.
    private func build(_ function: StackFunction, index: Int, image: String) async -> String? {
        guard !function.skipBuild else {
            Console.out("Skipping build of: \(function.name).")
            return nil
        }
        let begun = ContinuousClock.now
        Console.out("[\(index)] > Building \(function.name).")
        do {
            let request = try request(function, image: image)
            guard !options.shrinkwrap else {
                Console.out("\(function.name) shrink-wrapped to ./build/\(function.name)/")
                return nil
            }
            Console.out("Building: \(image) with \(function.lang) template. Please wait..")
            try await build(request, function: function.name)
            Console.out("Image: \(image) built.")
            Console.out("[\(index)] < Building \(function.name) done in \(Seconds.text(since: begun)).")
            return nil
        } catch {
            let end = Task.isCancelled ? "interrupted" : "failed"
            Console.out("[\(index)] < Building \(function.name) \(end) after \(Seconds.text(since: begun)).")
            return "\(function.name): \(error)"
        }
    }

    private func build(_ request: BuildRequest, function: String) async throws {
        let progress = BuildProgress(name: function, isQuiet: options.quiet)
        defer { progress.end() }
        let code = try await ScratchFolder.with { scratch in
            // DOCKER_BUILDKIT is for what a Dockerfile mounts. What buildah puts aside goes also when a signal has ended it.
            let variables = ["DOCKER_BUILDKIT": "1"].merging(builder == .buildah ? ["TMPDIR": scratch] : [:]) { $1 }
            return try await builder.program(surroundings, environment: variables)
                .follow(builder.build(request, surroundings: surroundings)) { progress.line($0) }
        }
        guard code == 0 else {
            throw CLIError(
                .program,
                "\(builder.rawValue) ended with \(code)\(BuilderProblem.hint(progress.last))\(progress.reason)")
        }
    }

    /// Writes the folder of the build, and says what is to be made of it.
    private func request(_ function: StackFunction, image: String) throws -> BuildRequest {
        let context = BuildContext(surroundings: surroundings)
        Console.out("Clearing temporary build folder: ./build/\(function.name)/")
        try context.assemble(function, copies: options.copies)
        Console.out("Preparing: \(function.handler)/ ./build/\(function.name)/")
        var request = BuildRequest(
            image: FunctionImage.complete(image), directory: context.path(of: function.name))
        request.arguments = try arguments(function)
        request.labels = options.labels
        request.noCache = options.noCache
        request.squash = options.squash
        request.pull = options.pull
        request.platforms = options.platforms
        for (id, path) in function.buildSecrets.sorted(by: { $0.key < $1.key }) {
            guard !id.isEmpty, !"\(id)\(path)".contains(",") else {
                throw CLIError(.stack, "\(function.place): functions.\(function.name).build_secrets must have no comma")
            }
            guard FileManager.default.isReadableFile(atPath: surroundings.path(path)) else {
                throw CLIError(
                    .stack,
                    "\(function.place): functions.\(function.name).build_secrets.\(id): cannot read the file \(path)")
            }
            request.secrets.append((id, surroundings.path(path)))
        }
        return request
    }

    /// The build arguments: the stack file's, over which flags win, and the packages that options stand for, which are
    /// always passed, so that a Dockerfile may name them.
    private func arguments(_ function: StackFunction) throws -> [(name: String, value: String)] {
        var arguments = function.buildArguments.merging(options.arguments) { $1 }
        for name in ["http_proxy", "https_proxy", "no_proxy"] {
            if let value = surroundings[name], arguments[name] == nil { arguments[name] = value }
        }
        var packages: [String] = []
        let options = function.buildOptions + self.options.packages
        if !options.isEmpty, !function.isDockerfile {
            let known = try TemplateFolder(surroundings).description(of: function.lang).buildOptions
            for option in options {
                guard let found = known.first(where: { $0.name == option }) else {
                    throw CLIError(
                        .stack,
                        "\(function.place): the template \(function.lang) has no build option \"\(option)\"; it has: "
                            + (known.isEmpty ? "none" : known.map(\.name).joined(separator: ", ")))
                }
                packages += found.packages
            }
        }
        let own = arguments["ADDITIONAL_PACKAGE"].map { [$0] } ?? []
        arguments["ADDITIONAL_PACKAGE"] = (own + packages).joined(separator: " ")
        return arguments.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// Times as users read them.
enum Seconds {
    static func text(since begun: ContinuousClock.Instant) -> String { text(ContinuousClock.now - begun) }

    static func text(_ duration: Duration) -> String {
        String(format: "%.2fs", Double(duration.nanoseconds) / 1e9)
    }
}
