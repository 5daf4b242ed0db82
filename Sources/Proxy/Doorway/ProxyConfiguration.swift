public import OpenFaaSAPI

/// An address the proxy listens on.
public struct ListenAddress: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case address(host: String, port: Int, freebind: Bool)
        case inherited(descriptor: CInt)
    }

    let source: Source

    /// An address to bind.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address.
    ///   - port: the port; 0 lets the kernel choose.
    ///   - freebind: whether the address may be missing from every interface for now (`IP_FREEBIND`),
    ///     as that of a bridge which is made later.
    public init(host: String, port: Int, freebind: Bool = false) {
        self.source = .address(host: host, port: port, freebind: freebind)
    }

    /// A socket that listens already, such as one from systemd's socket activation.
    ///
    /// - Parameter descriptor: its file descriptor; the proxy owns it from ``ProxyServer/start()`` on.
    public static func inherited(descriptor: CInt) -> ListenAddress {
        ListenAddress(source: .inherited(descriptor: descriptor))
    }

    private init(source: Source) {
        self.source = source
    }
}

/// An address the proxy was bound to.
public struct BoundAddress: Hashable, Sendable {
    /// The address in numbers; empty for a socket without an IP address.
    public let host: String
    /// The real port, also where port 0 was asked for.
    public let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// What a proxy is to do.
public struct ProxyConfiguration: Sendable {
    /// The addresses to listen on.
    public var listen: [ListenAddress]
    /// The value of the `X-Served-By` header, such as `faasd/1.0.0`. Visible ASCII only; other bytes are left out.
    public var servedBy: String
    /// The namespace of `/function/NAME` without a namespace.
    public var defaultNamespace: String
    /// Limits on whatever comes from outside.
    public var limits: ProxyLimits
    /// Takes a line of JSON for each request that has ended; `nil` writes none, and costs nothing.
    public var accessLog: (any AccessLogSink)?
    /// Addresses with encrypted connections besides.
    public var secure: SecureListening?
    /// Sends clients of other machines from the plain addresses to the encrypted ones; `nil` serves them.
    public var redirect: PlainRedirect?

    /// - Parameters:
    ///   - listen: the addresses to listen on.
    ///   - servedBy: the value of the `X-Served-By` header.
    ///   - defaultNamespace: the namespace of `/function/NAME` without a namespace.
    ///   - limits: limits on whatever comes from outside.
    ///   - accessLog: takes a line for each request; `nil` is no access log.
    public init(
        listen: [ListenAddress],
        servedBy: String,
        defaultNamespace: String = FunctionName.defaultNamespace,
        limits: ProxyLimits = ProxyLimits(),
        accessLog: (any AccessLogSink)? = nil
    ) {
        self.listen = listen
        self.servedBy = servedBy
        self.defaultNamespace = defaultNamespace
        self.limits = limits
        self.accessLog = accessLog
    }
}
