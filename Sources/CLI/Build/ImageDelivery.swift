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
        if try await !sendMissing(complete, namespace: namespace, client) {
            try await ScratchFolder.with { directory in
                let file = directory + "/image.tar"
                try await export(complete, to: file)
                _ = try await client.importArchive(try .whole(file), namespace: namespace, isComplete: true)
            }
        }
        Console.out("Image: \(image) imported in \(Seconds.text(since: begun)).")
    }

    /// Writes an archive with all of an image.
    func export(_ image: String, to file: String) async throws {
        let outcome = try await builder.program(surroundings).run(builder.export(image, to: file))
        guard outcome.code == 0 else {
            throw CLIError(.program, "\(image) could not be exported: \(Self.end(of: outcome.error))")
        }
    }

    /// Sends an image to its registry.
    func push(_ image: String) async throws {
        Console.out("Pushing \(image).")
        let begun = ContinuousClock.now
        let progress = BuildProgress(name: image, isQuiet: quiet)
        let code = try await builder.program(surroundings)
            .follow(builder.push(FunctionImage.complete(image), quiet: quiet)) { progress.line($0) }
        progress.end()
        guard code == 0 else {
            throw CLIError(
                .program, "\(image) could not be pushed: \(builder.rawValue) ended with \(code)\(progress.reason)")
        }
        Console.out("Pushing \(image) done in \(Seconds.text(since: begun)).")
    }

    private static func end(of text: String) -> String {
        text.split(separator: "\n").suffix(3).joined(separator: "; ")
    }
}
