public import OpenFaaSAPI

/// Where a replica listens.
public enum ReplicaAddress: Hashable, Sendable {
    /// An IPv4 address in dotted form and a port.
    case tcp(host: String, port: Int)
    /// The path of a Unix domain socket, at most 107 bytes (`sun_path`). The last part of it is not trusted.
    case unix(path: String)
}

/// One running copy of a function that can answer calls.
public struct ReplicaEndpoint: Hashable, Sendable {
    /// Names the replica for ``ProxyServer/drain(replicas:deadline:)``; unique over all functions.
    public let id: String
    /// Where it listens.
    public let address: ReplicaAddress

    /// - Parameters:
    ///   - id: a name that no other replica has.
    ///   - address: where the replica listens.
    public init(id: String, address: ReplicaAddress) {
        self.id = id
        self.address = address
    }
}

/// How calls of one function are to be treated.
public struct Route: Sendable {
    /// Whether there is somebody to answer.
    public enum State: Sendable {
        /// These replicas answer. An empty list is treated as ``waiting``.
        case ready([ReplicaEndpoint])
        /// The function exists, no replica is ready yet: its calls wait, and ``Waker`` is told.
        case waiting
        /// The function exists and nobody will come: 503 with this sentence.
        case stopped(reason: String)
    }

    /// The function.
    public let name: FunctionName
    /// Whether there is somebody to answer.
    public let state: State
    /// How long a replica may be silent, both before the head of its answer and between two pieces
    /// of the body; `nil` takes ``ProxyLimits/upstreamTimeout``. Where it is longer than ``ProxyLimits/readTimeout``,
    /// the client too may be silent for so long in the request's body.
    public let timeout: Duration?

    /// What goes before the path of a call, such as `/function/NAME`, where not a replica answers but another
    /// OpenFaaS provider; empty for a replica.
    public let pathPrefix: String

    /// - Parameters:
    ///   - name: the function.
    ///   - state: whether there is somebody to answer.
    ///   - timeout: how long a replica may be silent; `nil` takes the proxy's own limit.
    ///   - pathPrefix: what goes before the path of a call; it begins with `/` or is empty.
    public init(name: FunctionName, state: State, timeout: Duration? = nil, pathPrefix: String = "") {
        self.name = name
        self.state = state
        self.timeout = timeout
        self.pathPrefix = pathPrefix
    }
}

/// All functions at one moment. Immutable; every event loop works on its own copy.
public struct RouteTable: Sendable {
    /// One entry a function; of two entries with the same name the later one counts.
    public let routes: [Route]

    /// - Parameter routes: one entry a function.
    public init(_ routes: [Route]) {
        self.routes = routes
    }
}
