import Hummingbird
import Logging

/// What a route of the control plane knows besides the request.
struct ControlContext: RequestContext {
    /// Where a context comes from: the proxy's connection, not one of Hummingbird's own.
    struct Source: RequestContextSource {
        let logger: Logger
        var remoteAddress: String?
    }

    var coreContext: CoreRequestContextStorage
    /// The peer's address without its port; `nil` for a peer without an IP address.
    let remoteAddress: String?

    init(source: Source) {
        remoteAddress = source.remoteAddress
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// The longest body of a request: a deployment with its annotations fits many times.
    static let maximumBodyBytes = 1 << 20
}
