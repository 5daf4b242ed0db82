import ArgumentParser

/// The flags of `publish`, which `up --publish` has, too.
struct PublishOptions: ParsableArguments {
    @Option(help: "Platforms of the images, such as linux/amd64,linux/arm64; default: this machine's.")
    var platforms: String?

    @Option(help: "Another tag for the images; may be given several times.")
    var extraTag: [String] = []

    @Flag(help: "Not here: other platforms' programs are run by what qemu-user-static installs.")
    var resetQemu = false

    func check() throws {
        guard !resetQemu else {
            throw CLIError(
                .usage,
                "--reset-qemu runs an image of Docker Hub with all rights; install the package qemu-user-static instead, once"
            )
        }
        for tag in extraTag where tag.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}/) == nil {
            throw CLIError(.usage, "--extra-tag \"\(tag)\" is no tag")
        }
    }

    /// The platforms of a function: the flag's, else the stack file's; none for this machine's.
    func platforms(of function: StackFunction) throws -> [String] {
        let text = platforms ?? function.platforms
        let names = text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
        for name in names where !(2...3).contains(name.split(separator: "/", omittingEmptySubsequences: false).count) {
            throw CLIError(.usage, "\"\(name)\" is no platform: write OS/ARCHITECTURE, such as linux/arm64")
        }
        return names
    }
}

/// `faas-cli publish`
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Builds and pushes OpenFaaS function containers for one or more platforms.",
        discussion: """
            The images go to the registry in their names, and nowhere else. For platforms other than this machine's, what a \
            Dockerfile runs needs the package qemu-user-static.
            """)

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: BuildOptions
    @OptionGroup var publish: PublishOptions

    func run() async throws {
        let command = self
        try await Interruption.cancels {
            let surroundings = Surroundings.current
            let file = try await command.options.functions(command.stack)
            try await Publisher(options: command.options, publish: command.publish)
                .run(try await BuildJob.prepare(file, command.options, surroundings))
        }
    }
}

/// Builds images for platforms and pushes them.
struct Publisher {
    let options: BuildOptions
    let publish: PublishOptions

    func run(_ job: BuildJob) async throws {
        try publish.check()
        try job.checkPushable()
        var groups: [[String]: [StackFunction]] = [:]
        for function in job.file.functions {
            groups[try publish.platforms(of: function), default: []].append(function)
        }
        for (platforms, functions) in groups.sorted(by: { $0.key.joined() < $1.key.joined() }) {
            try await run(job, functions, platforms)
        }
    }

    private func run(_ job: BuildJob, _ functions: [StackFunction], _ platforms: [String]) async throws {
        let isList = platforms.count > 1
        guard !isList || job.delivery.builder != .docker else {
            throw CLIError(
                .program, "images for several platforms are built by buildah or nerdctl: install one of them")
        }
        var images = job.images
        if isList, job.delivery.builder == .buildah {
            // buildah adds to a list that is there.
            for function in functions {
                images[function.name] =
                    "localhost/faas-cli/\(function.name.lowercased()):\(UInt64.random(in: 0 ... .max))"
            }
        }
        var builds = job.builds
        builds.options.platforms = platforms
        do {
            try await builds.run(functions, images: images, parallel: job.parallel)
            if !options.shrinkwrap { try await push(job, functions, images, isList: isList) }
            await forget(images, job)
        } catch {
            await forget(images, job)
            throw error
        }
    }

    private func push(
        _ job: BuildJob, _ functions: [StackFunction], _ images: [String: String], isList: Bool
    ) async throws {
        for function in functions where !function.skipBuild {
            guard let built = images[function.name], let name = job.images[function.name] else { continue }
            try await job.delivery.push(built, as: name, isList: isList)
            for tag in publish.extraTag {
                let other = FunctionImage.repository(of: name) + ":" + tag
                if job.delivery.builder != .buildah { try await job.delivery.tag(built, as: other) }
                try await job.delivery.push(built, as: other, isList: isList)
            }
        }
    }

    /// Removes the lists, which nobody can use here.
    private func forget(_ images: [String: String], _ job: BuildJob) async {
        let lists = images.filter { job.images[$0.key] != $0.value }.map { FunctionImage.complete($0.value) }
        guard !lists.isEmpty else { return }
        let program = job.delivery.builder.program(job.delivery.surroundings)
        // Also after Ctrl-C. One that was never made is not there.
        await Task.detached {
            for list in lists { _ = try? await program.run(["manifest", "rm", list]) }
        }.value
    }
}
