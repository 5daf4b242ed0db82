import NIOCore
import OpenFaaSAPI

/// A table ready for use, built once for all event loops.
struct PreparedTable: Sendable {
    let routes: [Route]
    let index: RouteIndex
    let endpoints: Set<ReplicaEndpoint>

    /// - Parameters:
    ///   - table: as it was published; of several routes with one name the last one counts.
    ///   - defaultNamespace: the namespace that may be left out in a path.
    init(_ table: RouteTable, defaultNamespace: String) {
        var byName: [FunctionName: Route] = [:]
        for route in table.routes { byName[route.name] = route }
        routes = Array(byName.values)
        index = RouteIndex(routes.map(\.name), defaultNamespace: defaultNamespace)
        endpoints = Set(
            routes.flatMap { route in
                guard case .ready(let replicas) = route.state else { return [ReplicaEndpoint]() }
                return replicas
            })
    }
}

/// Keeps the counter of a function alive over tables, for as long as calls use it.
final class CounterCell {
    var counter = CallCounter()
}

/// A route of the table that an event loop works with.
final class LoopRoute {
    enum State {
        /// Places in the pool; not empty.
        case ready([Int])
        case waiting
        case stopped(reason: String)
    }

    let name: FunctionName
    let state: State
    let readTimeout: TimeAmount
    let upstreamTimeout: TimeAmount
    /// Goes before the path of a call.
    let pathPrefix: [UInt8]
    let cell: CounterCell
    /// `NAME.NAMESPACE`
    let nameBytes: [UInt8]

    /// The same with replicas to call, named by their places in the pool.
    init(_ route: LoopRoute, calling places: [Int]) {
        name = route.name
        nameBytes = route.nameBytes
        state = .ready(places)
        readTimeout = route.readTimeout
        upstreamTimeout = route.upstreamTimeout
        pathPrefix = route.pathPrefix
        cell = route.cell
    }

    /// - Parameters:
    ///   - route: as it was published.
    ///   - state: the same with places in the pool.
    ///   - settings: the limits for what the route says nothing about.
    ///   - cell: where calls are counted.
    init(_ route: Route, state: State, settings: LoopSettings, cell: CounterCell) {
        name = route.name
        nameBytes = Array(route.name.description.utf8)
        self.state = state
        let timeout = route.timeout.map(TimeAmount.init)
        readTimeout = max(settings.readTimeout, timeout ?? settings.readTimeout)
        upstreamTimeout = timeout ?? settings.upstreamTimeout
        pathPrefix = Array(route.pathPrefix.utf8)
        self.cell = cell
    }
}
