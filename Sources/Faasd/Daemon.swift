import Containers
import Foundation
import Gateway
import Logging
import NIOCore
import NIOPosix
import Provider
import Proxy
import ServiceLifecycle
import UnixSignals

/// The running daemon: its parts, and the order in which they start and end.
struct Daemon: Sendable {
    let configuration: Configuration
    let logger: Logger

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        try prepareDirectories()
        let lock = try InstanceLock(directory: configuration.dataDirectory)
        defer { lock.release() }
        let credentials = try Credentials(secretsDirectory: configuration.secretsDirectory)
        let machine = try MachineParts(configuration, logger: logger)
        try machine.network.install()
        try machine.hostFiles.writeHosts([(name: "gateway", address: machine.network.gatewayAddress)])
        try machine.hostFiles.writeResolver()
        let publisher = RoutePublisher()
        let provider = try Provider(
            configuration: configuration.provider, machine: machine.machine, sink: publisher, logger: logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let gateway = Gateway(
            configuration: ProxyConfiguration(listen: listenAddresses(machine), servedBy: "faasd/\(Version.release)"),
            provider: provider, publisher: publisher, credentials: credentials, version: Version.info, group: group,
            logger: logger)
        let services = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: ProviderService(provider: provider)),
                    .init(service: HostFilesService(hostFiles: machine.hostFiles, logger: logger)),
                    .init(service: GatewayService(gateway: gateway, configuration: configuration, logger: logger)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: lifecycleLogger))
        do {
            try await services.run()
            try await group.shutdownGracefully()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// The addresses that were asked for, and the bridge's own, where functions find `gateway`.
    private func listenAddresses(_ machine: MachineParts) -> [ListenAddress] {
        var addresses = configuration.listen.map { ListenAddress(host: $0.host, port: $0.port) }
        let coversAll = configuration.listen.contains { ["0.0.0.0", "::"].contains($0.host) }
        if !coversAll, let port = configuration.listen.first?.port, port != 0 {
            // The bridge comes with the first replica, so its address may be missing until then.
            addresses.append(ListenAddress(host: machine.network.gatewayAddress, port: port, freebind: true))
        }
        return addresses
    }

    /// At debug level it prints its services whole, settings and all.
    private var lifecycleLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }

    private func prepareDirectories() throws {
        for directory in [configuration.dataDirectory, configuration.runDirectory] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            } catch {
                throw InstallError("cannot make the directory \(directory): \(error.localizedDescription)")
            }
        }
    }
}

/// Keeps functions and containers in agreement.
private struct ProviderService: Service {
    let provider: Provider

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await provider.run()
        } onGracefulShutdown: {
            provider.shutdown()
        }
    }
}

/// Follows the host's resolvers, which change with its networks.
private struct HostFilesService: Service {
    let hostFiles: HostFiles
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try hostFiles.writeResolver()
                } catch {
                    logger.warning("could not update the functions' resolv.conf", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }
}

/// Serves the port, and tells systemd.
private struct GatewayService: Service {
    /// How long calls under way may go on after SIGTERM; systemd waits 90 s for a unit by default.
    static let grace = Duration.seconds(60)

    let gateway: Gateway
    let configuration: Configuration
    let logger: Logger

    func run() async throws {
        let notifier = SystemdNotifier()
        let bound = try await gateway.start()
        let addresses = bound.map { "\($0.host):\($0.port)" }.joined(separator: ", ")
        logger.notice("faasd serves", metadata: ["addresses": "\(addresses)", "version": "\(Version.release)"])
        notifier.ready(status: "serving on \(addresses)")
        await cancelWhenGracefulShutdown {
            await notifier.keepAlive()
            try? await gracefulShutdown()
        }
        notifier.stopping()
        logger.notice("faasd is ending; functions go on")
        await gateway.shutdown(grace: Self.grace)
    }
}
