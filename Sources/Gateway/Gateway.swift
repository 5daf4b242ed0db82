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

    /// Joins proxy, control plane and provider.
    ///
    /// - Parameters:
    ///   - role: which part of OpenFaaS the port is.
    ///   - configuration: the addresses and limits of the port.
    ///   - provider: what functions there are; made with `publisher` as its sink.
    ///   - publisher: carries the provider's snapshots to the proxy.
    ///   - credentials: open `/system` and `/ui`.
    ///   - version: what `/system/info` says.
    ///   - group: the event loops.
    ///   - logger: takes what an operator should know.
    public init(
        role: Role = .whole, configuration: ProxyConfiguration, provider: any FunctionProvider,
        publisher: RoutePublisher, credentials: Credentials, version: VersionInfo,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        // Calls are counted by the gateway that clients speak to.
        let counters = { @Sendable in role == .provider ? [] : await publisher.counters() }
        let responder = Self.router(
            role: role, provider: provider, counters: counters, credentials: credentials, version: version
        ).buildResponder()
        server = ProxyServer(
            configuration: configuration, fallback: ControlPlane(responder: responder, logger: logger),
            waker: ProviderWaker(provider: provider), group: group, logger: logger)
        self.publisher = publisher
    }

    /// Opens the port.
    ///
    /// - Returns: the bound addresses in the order of the configuration.
    /// - Throws: `ProxyError` when an address cannot be had.
    public func start() async throws -> [BoundAddress] {
        let bound = try await server.start()
        await publisher.attach(server)
        return bound
    }

    /// Stops taking calls, and lets those under way end within the time.
    public func shutdown(grace: Duration) async {
        await server.shutdown(grace: grace)
    }

    static func router(
        role: Role, provider: any FunctionProvider, counters: @escaping @Sendable () async -> [FunctionCounters],
        credentials: Credentials, version: VersionInfo
    ) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        let requests = RequestMeter()
        let calls = CallCounts(counters: counters)
        router.add(middleware: MeterRequests(meter: requests))
        router.add(middleware: ErrorsAsText())
        let routes = ControlRoutes(router: router, auth: BasicAuth(credentials: credentials))
        FunctionRoutes(provider: provider, calls: calls).add(to: routes)
        NamespaceRoutes(provider: provider).add(to: routes)
        SecretRoutes(provider: provider).add(to: routes)
        LogRoutes(provider: provider).add(to: routes)
        SystemRoutes(role: role, provider: provider, version: version).add(to: routes)
        MetricsRoute(provider: provider, counters: counters, requests: requests, version: version).add(to: routes)
        if role != .provider { FunctionPage(provider: provider, calls: calls).add(to: routes) }
        return router
    }
}
