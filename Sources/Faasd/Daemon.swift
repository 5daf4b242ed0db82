import Containers
import Gateway
import Logging
import NIOCore
import NIOPosix
import Provider
import Proxy
import Queue
import ServiceLifecycle
import Services
import UnixSignals

/// The running daemon with functions of its own: its parts, and the order in which they start and end.
struct Daemon: Sendable {
    let configuration: Configuration
    /// Whole, or a provider for a gateway that is elsewhere.
    let role: Role
    let logger: Logger

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        try configuration.checkExposure()
        let certificates = try configuration.openCertificates()
        OpenFilesLimit.raise()
        try configuration.makeDirectories([configuration.dataDirectory, configuration.runDirectory])
        let lock = try InstanceLock(directory: configuration.dataDirectory)
        defer { lock.release() }
        var sockets = InheritedSockets.take(logger: logger)
        let credentials = try Credentials(secretsDirectory: configuration.secretsDirectory)
        LeftoverPrograms.end(calledBy: configuration.dataDirectory)
        let machine = try MachineParts(configuration, owner: configuration.dataDirectory, logger: logger)
        machine.ctr.removeLeftovers()
        try machine.network.install()
        try machine.hostFiles.writeHosts(
            [(name: "gateway", address: machine.network.gatewayAddress)]
                + machine.services.addresses)
        try machine.hostFiles.writeResolver()
        let publisher = RoutePublisher()
        let provider = try Provider(
            configuration: configuration.provider, machine: machine.machine, sink: publisher, logger: logger)
        try await provider.prepare()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let store = role == .provider ? nil : try configuration.openQueue(group: group)
        let triggers = role == .provider ? nil : try configuration.openTriggers(group: group)
        let accessLog = try configuration.openAccessLog()
        let gateway = Gateway(
            role: role,
            configuration: configuration.proxy(
                listen: sockets.addresses(entrances(machine)),
                secureListen: sockets.addresses(configuration.secureEntrances), accessLog: accessLog,
                certificates: certificates),
            metricsListen: sockets.addresses(configuration.metricsEntrances), provider: provider, publisher: publisher,
            queue: store.map { CallQueue(store: $0) }, asyncConfiguration: configuration.asyncCalls,
            scalingConfiguration: configuration.scaling, triggers: triggers,
            dataDirectory: configuration.dataDirectory, credentials: credentials, version: Version.info, group: group,
            logger: logger)
        sockets.closeRest(logger: logger)
        let stores = store.map { [QueueStoreService(store: $0) as any Service] } ?? []
        let lifecycle = ServiceGroup(
            services: stores + [
                ProviderService(provider: provider), services(machine, group),
                HostFilesService(hostFiles: machine.hostFiles, logger: logger),
                CodePagesService(),
            ] + (certificates.map { [TLSReloadService(certificates: $0, logger: logger)] } ?? [])
                + (accessLog.map { [AccessLogService(file: $0, logger: logger)] } ?? []) + [
                    GatewayService(gateway: gateway, connections: sockets.connections, logger: logger) {
                        await provider.settle()
                    }
                ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: configuration.lifecycleLogger)
        do {
            try await lifecycle.run()
            try await store?.close()
            try triggers?.memory.close()
            await accessLog?.close()
            try await group.shutdownGracefully()
        } catch {
            try? await store?.close()
            try? triggers?.memory.close()
            await accessLog?.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func services(_ machine: MachineParts, _ group: MultiThreadedEventLoopGroup) -> any Service {
        ServicesService(
            manager: ServiceManager(
                file: configuration.composeFile, maker: machine.services, runDirectory: configuration.runDirectory,
                group: group, logger: logger))
    }

    /// The addresses that were asked for, and the bridge's own, where functions find `gateway`. A provider is none.
    private func entrances(_ machine: MachineParts) -> [Entrance] {
        role == .provider ? configuration.entrances : configuration.entrances(bridge: machine.network.gatewayAddress)
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

/// Does what the store of asynchronous calls has to do all the time. It is the first, so that it ends last.
struct QueueStoreService: Service {
    let store: any CallStore

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await store.run()
            // A store with nothing to do is no reason to end.
            try? await gracefulShutdown()
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
struct GatewayService: Service {
    /// How long calls under way may go on after SIGTERM; systemd waits 90 s for a unit by default.
    static let grace = Duration.seconds(60)

    let gateway: Gateway
    /// Those of the daemon before, which are served on.
    let connections: [CInt]
    let logger: Logger
    /// Returns when what is behind the gateway has answered.
    let settle: @Sendable () async -> Void

    func run() async throws {
        let notifier = SystemdNotifier()
        let store = DescriptorStore()
        let bound = try await gateway.start(adopting: connections)
        // systemd has them, too, and they would stay open after we have closed them.
        store?.clear()
        let addresses = bound.map { "\($0.host):\($0.port)" }.joined(separator: ", ")
        logger.notice(
            "faasd serves",
            metadata: [
                "addresses": "\(addresses)", "version": "\(Version.release)", "connections": "\(connections.count)",
            ])
        notifier.ready(status: "serving on \(addresses)")
        async let queue: Void = gateway.runQueue(boundTo: bound)
        // It may be kept by a deployment that is under way, and the port must not wait for that.
        async let scaling: Void = cancelWhenGracefulShutdown { await gateway.runAutoscaler() }
        await cancelWhenGracefulShutdown {
            await notifier.keepAlive {
                await gateway.settle()
                await settle()
            }
            try? await gracefulShutdown()
        }
        notifier.stopping()
        logger.notice("faasd is ending; functions go on")
        await gateway.shutdown(grace: Self.grace, keeper: store)
        store?.settle()
        await queue
        await scaling
    }
}
