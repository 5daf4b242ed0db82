import OpenFaaSAPI

/// How it is told that a replica serves.
enum Readiness: Sendable, Equatable {
    /// Its port takes connections.
    case port
    /// A GET of this path is answered with 2xx.
    case http(path: String)

    /// Names the path of a function's own check (docs "health and readiness").
    static let annotation = "com.openfaas.ready.http.path"
    /// fwatchdog's answer is the function's: in `http` mode it is 200 only once the process behind it serves.
    private static let ofInjectedWatchdog = "/_/ready"

    /// A watchdog that the image brings is not asked: the older of OpenFaaS's two would run the function for
    /// `/_/ready`, and both take connections only when they serve.
    init(spec: FunctionSpec, hasInjectedWatchdog: Bool) {
        self = Self(path: spec.readyPath ?? (hasInjectedWatchdog ? Self.ofInjectedWatchdog : nil))
    }

    init(path: String?) {
        self = path.map { .http(path: $0) } ?? .port
    }

    var path: String? {
        if case .http(let path) = self { path } else { nil }
    }

    /// Reads the annotation; it becomes a line of a request.
    static func checkedPath(_ annotations: [String: String]) throws(ProviderError) -> String? {
        guard let path = annotations[annotation], !path.isEmpty else { return nil }
        guard path.hasPrefix("/"), path.utf8.count <= 1024, path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalid(
                field: "annotations", "\(annotation) must be a path such as /ready, not \"\(path.prefix(80))\"")
        }
        return path
    }

    /// Asks once. Never blocks the thread.
    func isReady(address: String, port: Int) async -> Bool {
        switch self {
        case .port: await PortProbe.accepts(address: address, port: port)
        case .http(let path): await HTTPProbe.succeeds(path, address: address, port: port)
        }
    }
}
