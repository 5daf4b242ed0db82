import Containers
import Foundation
import Gateway
import Provider
import Services

/// Removes what an instance made on this machine, and only that.
struct Teardown: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    func run() async throws {
        guard FileManager.default.fileExists(atPath: configuration.dataDirectory) else { return }
        let lock = try InstanceLock(directory: configuration.dataDirectory)
        defer { lock.release() }
        let provider = try Provider(
            configuration: configuration.provider, machine: machine.machine, sink: RoutePublisher(),
            logger: machine.logger)
        // With the network still there.
        try await machine.services.tearDown()
        try await provider.tearDown()
    }
}
