import Foundation

/// Brings images to where functions are made of them: to the gateway's machine itself, or to a registry.
struct ImageDelivery: Sendable {
    let builder: ImageBuilder
    let surroundings: Surroundings
    let quiet: Bool

    /// Sends an image to the gateway's machine.
    func importImage(_ image: String, namespace: String, _ client: GatewayClient) async throws {
        let begun = ContinuousClock.now
        let complete = FunctionImage.complete(image)
        let sent =
            if let sent = try await sendMissing(complete, namespace: namespace, client) { sent } else {
                try await sendAll(complete, namespace: namespace, client)
            }
        Console.out("Image: \(image) imported in \(Seconds.text(since: begun)), \(sent >> 10) KiB sent.")
    }

    private func sendAll(_ image: String, namespace: String, _ client: GatewayClient) async throws -> Int64 {
        try await ScratchFolder.with { directory in
            let file = directory + "/image.tar"
            try await export(image, to: file)
            let archive = try ImageArchive.whole(file)
            _ = try await client.importArchive(archive, namespace: namespace, isComplete: true)
            return archive.length
        }
    }

    /// Writes an archive with all of an image.
    func export(_ image: String, to file: String) async throws {
        let outcome = try await builder.program(surroundings).run(builder.export(image, to: file))
        guard outcome.code == 0 else {
            throw CLIError(.program, "\(image) could not be exported: \(Self.end(of: outcome.error))")
        }
    }

    /// Sends an image to its registry.
    ///
    /// - Parameters:
    ///   - other: the name that it gets there, if it is another one.
    ///   - isList: whether it is the list of images for several platforms.
    func push(_ image: String, as other: String? = nil, isList: Bool = false) async throws {
        let target = FunctionImage.complete(other ?? image)
        Console.out("Pushing \(other ?? image).")
        let begun = ContinuousClock.now
        let progress = BuildProgress(name: target, isQuiet: quiet)
        defer { progress.end() }
        let credentials = RegistryCredentials(surroundings)
        let knows = credentials.know(target)
        let arguments = builder.push(
            FunctionImage.complete(image), as: other, isList: isList, quiet: quiet,
            credentials: knows ? credentials.file : nil)
        let code = try await builder.program(
            surroundings, environment: knows && builder != .buildah ? ["DOCKER_CONFIG": credentials.directory] : [:]
        ).follow(arguments) { progress.line($0) }
        guard code == 0 else { throw refusal(of: target, code: code, progress) }
        progress.end()
        Console.out("Pushing \(other ?? image) done in \(Seconds.text(since: begun)).")
    }

    /// Gives an image another name, as docker and nerdctl need it before they push that.
    func tag(_ image: String, as other: String) async throws {
        let outcome = try await builder.program(surroundings).run(["tag", FunctionImage.complete(image), other])
        guard outcome.code == 0 else {
            throw CLIError(.program, "\(image) cannot be called \(other): \(Self.end(of: outcome.error))")
        }
    }

    private func refusal(of image: String, code: Int32, _ progress: BuildProgress) -> CLIError {
        let registry = FunctionImage.registry(of: image)
        let words = progress.last.lowercased()
        func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
        if says("unauthorized", "authentication required", "no basic auth", "denied") {
            return CLIError(
                .unauthorized,
                "\(image) could not be pushed: \(registry) asks for other credentials; log in with: faas-cli "
                    + "registry-login --server \(registry) --username USER --password-stdin")
        }
        if says("connection refused", "no such host", "i/o timeout") {
            return CLIError(
                .unreachable, "\(image) could not be pushed: the registry \(registry) does not answer\(progress.reason)"
            )
        }
        if says("server gave http response to https client") {
            return CLIError(
                .refused,
                "\(image) could not be pushed: \(registry) speaks plain HTTP, which is for registries of this machine only"
            )
        }
        return CLIError(
            .program, "\(image) could not be pushed: \(builder.rawValue) ended with \(code)\(progress.reason)")
    }

    private static func end(of text: String) -> String {
        text.split(separator: "\n").suffix(3).joined(separator: "; ")
    }
}
