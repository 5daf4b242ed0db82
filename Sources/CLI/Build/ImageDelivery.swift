import Foundation

/// Brings images to where functions are made of them: to the gateway's machine itself, or to a registry.
struct ImageDelivery: Sendable {
    let builder: ImageBuilder
    let surroundings: Surroundings
    let quiet: Bool

    /// Sends an image to the gateway's machine.
    func importImage(_ image: String, namespace: String, _ client: GatewayClient) async throws {
        let begun = ContinuousClock.now
        let directory = NSTemporaryDirectory() + "faas-image-\(UInt64.random(in: 0 ... .max))"
        try LocalFile.makeDirectory(directory, mode: 0o700)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/image.tar"
        let outcome = try await builder.program(surroundings)
            .run(builder.export(FunctionImage.complete(image), to: file))
        guard outcome.code == 0 else {
            throw CLIError(.program, "\(image) could not be exported: \(Self.end(of: outcome.error))")
        }
        try await client.importArchive(file, namespace: namespace)
        Console.out("Image: \(image) imported in \(Seconds.text(since: begun)).")
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
