import Hummingbird
public import Logging
public import NIOPosix
public import OpenFaaSAPI
import Provider
public import Proxy
public import Queue

/// The gateway: one port on which functions are called and managed.
public struct Gateway: Sendable {
    private let server: ProxyServer
    private let publisher: RoutePublisher
    /// The port that has nothing but metrics, where there is one.
    private let metricsServer: ProxyServer?
    /// Calls that wait, where there are such.
    private let asyncParts: AsyncParts?
    private let autoscaler: Autoscaler?
    /// What makes such calls besides clients.
    private let triggers: TriggerParts?
    /// What the console needs, where there is one.
    private let console: Console?
    private let logger: Logger

    /// Joins proxy, control plane and provider.
    ///
    /// - Parameters:
    ///   - role: which part of OpenFaaS the port is.
    ///   - configuration: the addresses and limits of the port.
    ///   - metricsListen: where `/metrics` is served besides, to anybody.
    ///   - provider: what functions there are; made with `publisher` as its sink.
    ///   - publisher: carries the provider's snapshots to the proxy.
    ///   - queue: keeps asynchronous calls; without it there are none.
    ///   - asyncConfiguration: what they may do.
    ///   - scalingConfiguration: what the number of replicas goes by.
    ///   - triggers: what calls functions besides clients; of no effect without a queue.
    ///   - dataDirectory: where the daemon keeps what it knows; the metrics tell of its file system.
    ///   - credentials: open `/system` and `/ui`.
    ///   - version: what `/system/info` says.
    ///   - group: the event loops.
    ///   - logger: takes what an operator should know.
    public init(
        role: Role = .whole, configuration: ProxyConfiguration, metricsListen: [ListenAddress] = [],
        provider: any FunctionProvider, publisher: RoutePublisher, queue: CallQueue? = nil,
        asyncConfiguration: AsyncConfiguration = AsyncConfiguration(),
        scalingConfiguration: ScalingConfiguration = ScalingConfiguration(), triggers: TriggerConfiguration? = nil,
        dataDirectory: String? = nil, credentials: Credentials, version: VersionInfo,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        // Calls are counted, and replicas follow them, at the gateway that clients speak to.
        let counters = { @Sendable in role == .provider ? [] : await publisher.counters() }
        let requests = RequestMeter()
        autoscaler =
            role == .provider
            ? nil
            : Autoscaler(
                provider: provider, publisher: publisher, configuration: scalingConfiguration, logger: logger)
        let triggerParts = queue.flatMap { queue in
            triggers.map {
                TriggerParts(
                    $0, bodyBytes: asyncConfiguration.bodyBytes, queue: queue, provider: provider,
                    publisher: publisher, logger: logger)
            }
        }
        self.triggers = triggerParts
        let metrics = MetricsRoute(
            provider: provider, counters: counters, requests: requests, version: version, queue: queue,
            autoscaler: autoscaler, triggers: triggerParts?.desk, dataDirectory: dataDirectory)
        console =
            role == .provider
            ? nil
            : Console(
                role: role, provider: provider, counters: counters, credentials: credentials, version: version,
                logger: logger)
        let auth = BasicAuth(credentials: credentials, sessions: console?.sessions)
        let router = Self.router(
            role: role, counters: counters, metrics: metrics, auth: auth, console: console, logger: logger)
        let waker = ProviderWaker(provider: provider)
        let controlPlane = ControlPlane(responder: router.buildResponder(), logger: logger)
        asyncParts = queue.map { queue in
            AsyncParts(
                queue: queue, catalog: FunctionCatalog(provider: provider, publisher: publisher),
                configuration: asyncConfiguration, listening: configuration.listen.count, group: group)
        }
        let fallback: any Fallback =
            asyncParts?.front(before: controlPlane, meter: requests, servedBy: configuration.servedBy) ?? controlPlane
        server = ProxyServer(
            configuration: configuration, fallback: fallback, waker: waker, group: group, logger: logger)
        self.logger = logger
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
    /// - Parameter connections: those that an earlier daemon left, which are served on.
    /// - Returns: the bound addresses in the order of the configuration, those of the metrics last.
    /// - Throws: `ProxyError` when an address cannot be had.
    public func start(adopting connections: [CInt] = []) async throws -> [BoundAddress] {
        // First, because calls may have waited for the port.
        await publisher.attach(server)
        let bound = try await server.start()
        do {
            let metrics = try await metricsServer?.start() ?? []
            await server.adopt(connections)
            return bound + metrics
        } catch {
            await server.shutdown(grace: .zero)
            throw error
        }
    }

    /// Sends asynchronous calls until ``shutdown(grace:)``, and then until those under way have ended. Events become
    /// calls as long, and consoles are told of functions.
    ///
    /// - Parameter addresses: what ``start()`` returned.
    public func runQueue(boundTo addresses: [BoundAddress]) async {
        await withTaskGroup { group in
            if let triggers { group.addTask { await triggers.run() } }
            if let console { group.addTask { await console.monitor.run() } }
            await asyncParts?.run(boundTo: addresses, logger: logger)
            group.cancelAll()
        }
    }

    /// Has the number of replicas follow the load until the task is cancelled.
    public func runAutoscaler() async {
        await autoscaler?.run()
    }

    /// Returns when every event loop has done what it had to do before.
    public func settle() async {
        await server.settle()
    }

    /// Stops taking calls, and lets those under way end within the time.
    ///
    /// - Parameter keeper: takes clients' connections that are unused; without one they are closed.
    public func shutdown(grace: Duration, keeper: (any ConnectionKeeper)? = nil) async {
        // What has not begun waits for the next start.
        asyncParts?.queue.stop()
        // A page that is open would hold its connection for the whole of the grace.
        await console?.monitor.close()
        // The metrics stay readable while calls end.
        await server.shutdown(grace: grace, keeper: keeper)
        // A call may have been sent on a connection that was just given away, and its answer would come from the next
        // process, which waits for this one to end.
        await asyncParts?.queue.abandon(after: .seconds(1))
        await metricsServer?.shutdown(grace: .zero)
    }

    private static func router(
        role: Role, counters: @escaping @Sendable () async -> [FunctionCounters], metrics: MetricsRoute,
        auth: BasicAuth, console: Console?, logger: Logger
    ) -> Router<ControlContext> {
        let provider = metrics.provider
        let router = Router(context: ControlContext.self)
        let calls = CallCounts(counters: counters)
        router.add(middleware: MeterRequests(meter: metrics.requests))
        router.add(middleware: ErrorsAsText())
        let routes = ControlRoutes(router: router, auth: auth)
        FunctionRoutes(provider: provider, calls: calls).add(to: routes)
        WhyRoute(provider: provider).add(to: routes)
        NamespaceRoutes(provider: provider).add(to: routes)
        SecretRoutes(provider: provider).add(to: routes)
        LogRoutes(provider: provider).add(to: routes)
        ImageRoutes(provider: provider).add(to: routes)
        SystemRoutes(role: role, provider: provider, version: metrics.version).add(to: routes)
        if let queue = metrics.queue { AsyncRoutes(queue: queue).add(to: routes) }
        if let autoscaler = metrics.autoscaler {
            AlertRoute(provider: provider, autoscaler: autoscaler, logger: logger).add(to: routes)
        }
        if let desk = metrics.triggers { TriggerRoutes(desk: desk).add(to: routes) }
        metrics.add(to: routes)
        console?.add(to: routes)
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
