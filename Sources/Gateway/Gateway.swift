import Hummingbird
public import Logging
public import NIOPosix
public import OpenFaaSAPI
import Provider
public import Proxy

/// The gateway: one port on which functions are called and managed.
public struct Gateway: Sendable {
    private let server: ProxyServer
    private let publisher: RoutePublisher
    /// The port that has nothing but metrics, where there is one.
    private let metricsServer: ProxyServer?

    /// Joins proxy, control plane and provider.
    ///
    /// - Parameters:
    ///   - role: which part of OpenFaaS the port is.
    ///   - configuration: the addresses and limits of the port.
    ///   - metricsListen: where `/metrics` is served besides, to anybody.
    ///   - provider: what functions there are; made with `publisher` as its sink.
    ///   - publisher: carries the provider's snapshots to the proxy.
    ///   - credentials: open `/system` and `/ui`.
    ///   - version: what `/system/info` says.
    ///   - group: the event loops.
    ///   - logger: takes what an operator should know.
    public init(
        role: Role = .whole, configuration: ProxyConfiguration, metricsListen: [ListenAddress] = [],
        provider: any FunctionProvider, publisher: RoutePublisher, credentials: Credentials, version: VersionInfo,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        // Calls are counted by the gateway that clients speak to.
        let counters = { @Sendable in role == .provider ? [] : await publisher.counters() }
        let requests = RequestMeter()
        let metrics = MetricsRoute(provider: provider, counters: counters, requests: requests, version: version)
        let auth = BasicAuth(credentials: credentials)
        let router = Self.router(role: role, provider: provider, counters: counters, metrics: metrics, auth: auth)
        let waker = ProviderWaker(provider: provider)
        server = ProxyServer(
            configuration: configuration,
            fallback: ControlPlane(responder: router.buildResponder(), logger: logger), waker: waker, group: group,
            logger: logger)
        metricsServer =
            metricsListen.isEmpty
            ? nil
            : ProxyServer(
                configuration: ProxyConfiguration(listen: metricsListen, servedBy: configuration.servedBy),
                fallback: ControlPlane(
                    responder: Self.metricsRouter(metrics, auth: auth).buildResponder(), logger: logger),
                waker: waker, group: group, logger: logger)
        self.publisher = publisher
    }

    /// Opens the port.
    ///
    /// - Returns: the bound addresses in the order of the configuration, those of the metrics last.
    /// - Throws: `ProxyError` when an address cannot be had.
    public func start() async throws -> [BoundAddress] {
        let bound = try await server.start()
        do {
            let metrics = try await metricsServer?.start() ?? []
            await publisher.attach(server)
            return bound + metrics
        } catch {
            await server.shutdown(grace: .zero)
            throw error
        }
    }

    /// Stops taking calls, and lets those under way end within the time.
    public func shutdown(grace: Duration) async {
        // The metrics stay readable while calls end.
        await server.shutdown(grace: grace)
        await metricsServer?.shutdown(grace: .zero)
    }

    private static func router(
        role: Role, provider: any FunctionProvider, counters: @escaping @Sendable () async -> [FunctionCounters],
        metrics: MetricsRoute, auth: BasicAuth
    ) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        let calls = CallCounts(counters: counters)
        router.add(middleware: MeterRequests(meter: metrics.requests))
        router.add(middleware: ErrorsAsText())
        let routes = ControlRoutes(router: router, auth: auth)
        FunctionRoutes(provider: provider, calls: calls).add(to: routes)
        NamespaceRoutes(provider: provider).add(to: routes)
        SecretRoutes(provider: provider).add(to: routes)
        LogRoutes(provider: provider).add(to: routes)
        SystemRoutes(role: role, provider: provider, version: metrics.version).add(to: routes)
        metrics.add(to: routes)
        if role != .provider { FunctionPage(provider: provider, calls: calls).add(to: routes) }
        return router
    }

    private static func metricsRouter(_ metrics: MetricsRoute, auth: BasicAuth) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        router.add(middleware: ErrorsAsText())
        let routes = ControlRoutes(router: router, auth: auth)
        metrics.addOpen(to: routes)
        SystemRoutes.addHealth(to: routes)
        return router
    }
}
