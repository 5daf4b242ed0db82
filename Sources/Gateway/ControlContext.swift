import Hummingbird
import Logging

/// What a route of the control plane knows besides the request.
struct ControlContext: RequestContext {
    /// Where a context comes from: the proxy's connection, not one of Hummingbird's own.
    struct Source: RequestContextSource {
        let logger: Logger
    }

    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// The longest body of a request: a deployment with its annotations fits many times.
    static let maximumBodyBytes = 1 << 20
}
