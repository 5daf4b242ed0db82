import OpenFaaSAPI
public import Provider
import Proxy
import Synchronization

/// Carries the provider's snapshots to the proxy: the one place where the two meet. A provider over HTTP has its
/// routes carried the same way.
public actor RoutePublisher: ReplicaSink {
    private struct Table {
        let routes: [FunctionName: Route]
        let version: UInt64
    }

    private var server: ProxyServer?
    private var latest: Table?
    private var publishedVersion: UInt64 = 0
    private var isPublishing = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private nonisolated let changes = Atomic<UInt64>(0)

    /// Grows whenever something about functions has changed; 0 until the provider has told of them.
    nonisolated var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// Makes a publisher that remembers snapshots until there is a proxy.
    public init() {}

    /// Names the proxy, and puts the latest snapshot to use there.
    func attach(_ server: ProxyServer) async {
        self.server = server
        guard let latest else { return }
        publishedVersion = 0
        await publish(latest.routes, version: latest.version)
    }

    /// Puts a snapshot to use; when this returns, it or a later one is in use on every event loop.
    public func publish(_ snapshot: ReplicaSnapshot) async {
        let routes = snapshot.functions.map { name, function in (name, Self.route(name, function)) }
        await publish(Dictionary(uniqueKeysWithValues: routes), version: snapshot.version)
    }

    /// Puts routes to use; when this returns, they or those of a higher version are in use on every event loop.
    func publish(_ routes: [FunctionName: Route], version: UInt64) async {
        let previous = latest
        if (latest?.version ?? 0) < version {
            latest = Table(routes: routes, version: version)
            changes.add(1, ordering: .acquiringAndReleasing)
        }
        while isPublishing { await withCheckedContinuation { waiting.append($0) } }
        guard let server, let latest, publishedVersion < version else { return }
        isPublishing = true
        await server.publish(RouteTable(Array(latest.routes.values)))
        publishedVersion = latest.version
        for name in (previous?.routes ?? [:]).keys where latest.routes[name] == nil { await server.forget(name) }
        isPublishing = false
        let released = waiting
        waiting = []
        for continuation in released { continuation.resume() }
    }

    /// Waits until no call is under way to the replicas, or until the time is over.
    ///
    /// - Returns: whether none is.
    @discardableResult
    public func drain(_ replicas: Set<String>, within limit: Duration) async -> Bool {
        await server?.drain(replicas: replicas, deadline: limit) ?? 0 == 0
    }

    /// What the proxy counted so far of some functions, or of all; nothing before there is a proxy.
    func counters(of names: Set<FunctionName>? = nil) async -> [FunctionCounters] {
        await server?.counters(of: names) ?? []
    }

    /// The namespaces that hold functions now.
    func namespaces() -> Set<String> {
        Set(latest?.routes.keys.map(\.namespace) ?? [])
    }

    private static func route(_ name: FunctionName, _ function: ReplicaSnapshot.Function) -> Route {
        let state: Route.State =
            switch function.availability {
            case .ready(let endpoints):
                .ready(endpoints.map { ReplicaEndpoint($0) })
            case .starting: .waiting
            case .unavailable(let reason): .stopped(reason: reason)
            }
        return Route(name: name, state: state, timeout: function.timeout)
    }
}

extension ReplicaEndpoint {
    /// The same as the proxy needs it.
    init(_ endpoint: ReplicaSnapshot.Endpoint) {
        let port = ReplicaAddress.tcp(host: endpoint.address, port: endpoint.port)
        self.init(id: endpoint.id, address: endpoint.socket.map { .unix(path: $0) } ?? port)
    }
}
