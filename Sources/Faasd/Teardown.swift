import Containers
import Foundation
import Gateway
import Provider
import Services

/// Removes what an instance made on this machine, and only that.
struct Teardown: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    /// - Parameter purging: whether images go, too.
    /// - Returns: what could not be removed, a sentence each.
    @discardableResult
    func run(purging: Bool = false) async throws -> [String] {
        guard FileManager.default.fileExists(atPath: configuration.dataDirectory) else { return [] }
        let lock = try InstanceLock(directory: configuration.dataDirectory)
        defer { lock.release() }
        let provider = try Provider(
            configuration: configuration.provider, machine: machine.machine, sink: RoutePublisher(),
            logger: machine.logger)
        // With the network still there.
        try await machine.services.tearDown()
        try await provider.tearDown()
        return purging ? try await provider.removeNamespaces() : []
    }
}
