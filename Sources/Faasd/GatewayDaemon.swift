import Gateway
import Logging
import NIOCore
import NIOPosix
import Proxy
import Queue
import ServiceLifecycle
import UnixSignals

/// The running gateway before a provider that is elsewhere. It needs neither root nor containerd.
struct GatewayDaemon: Sendable {
    let configuration: Configuration
    let provider: ProviderAddress
    let logger: Logger

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        try configuration.checkExposure()
        let certificates = try configuration.openCertificates()
        OpenFilesLimit.raise()
        try configuration.makeDirectories([configuration.dataDirectory])
        let lock = try InstanceLock(directory: configuration.dataDirectory, name: "gateway")
        defer { lock.release() }
        var sockets = InheritedSockets.take(logger: logger)
        let credentials = try Credentials(secretsDirectory: configuration.secretsDirectory)
        let providerCredentials =
            try configuration.providerCredentialsDirectory.map { try Credentials(existingIn: $0) } ?? credentials
        let publisher = RoutePublisher()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let remote = RemoteProvider(
            address: provider, credentials: providerCredentials, publisher: publisher, group: group, logger: logger)
        let store = try configuration.openQueue(group: group)
        let triggers = try configuration.openTriggers(group: group)
        let accessLog = try configuration.openAccessLog()
        let gateway = Gateway(
            role: .gateway,
            configuration: configuration.proxy(
                listen: sockets.addresses(configuration.entrances),
                secureListen: sockets.addresses(configuration.secureEntrances), accessLog: accessLog,
                certificates: certificates),
            metricsListen: sockets.addresses(configuration.metricsEntrances), provider: remote, publisher: publisher,
            queue: CallQueue(store: store), asyncConfiguration: configuration.asyncCalls,
            scalingConfiguration: configuration.scaling, triggers: triggers,
            dataDirectory: configuration.dataDirectory, credentials: credentials, version: Version.info, group: group,
            logger: logger)
        sockets.closeRest(logger: logger)
        await remote.prepare()
        let services = ServiceGroup(
            services: [
                QueueStoreService(store: store), RemoteProviderService(provider: remote), CodePagesService(),
            ] + (certificates.map { [TLSReloadService(certificates: $0, logger: logger)] } ?? [])
                + (accessLog.map { [AccessLogService(file: $0, logger: logger)] } ?? []) + [
                    GatewayService(gateway: gateway, connections: sockets.connections, logger: logger) {}
                ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: configuration.lifecycleLogger)
        do {
            try await services.run()
        } catch {
            try? await store.close()
            try? triggers.memory.close()
            await remote.shutdown()
            await accessLog?.close()
            try? await group.shutdownGracefully()
            throw error
        }
        try await store.close()
        try triggers.memory.close()
        await remote.shutdown()
        await accessLog?.close()
        try await group.shutdownGracefully()
    }
}

/// Follows the provider's functions.
private struct RemoteProviderService: Service {
    let provider: RemoteProvider

    func run() async throws {
        await cancelWhenGracefulShutdown { await provider.run() }
    }
}
