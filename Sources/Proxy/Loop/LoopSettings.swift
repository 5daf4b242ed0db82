import NIOCore

/// The configuration as an event loop needs it: times in NIO's unit, counts divided among the loops.
struct LoopSettings: Sendable {
    /// How often deadlines are checked. A timer for each request would cost more than the request's own work.
    static let tick = TimeAmount.milliseconds(100)
    /// How long a client may take to close after our last byte; until then what it sends is read and dropped, because
    /// closing with unread bytes would reset the connection and could destroy the answer on its way.
    static let lingerTime = TimeAmount.seconds(2)
    /// How many bytes are read at once. With what waits to be written on both sides this is what a call with a large body
    /// holds, and there may be hundreds.
    static let receive = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 32 * 1024)
    /// From the upper number of bytes that wait to be written on, nothing is read for them until the lower is left.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 16 * 1024, high: 32 * 1024)
    /// Up to how many bytes of a body are copied behind their head, to be sent with it in one piece.
    static let inlineBytes = 16 * 1024
    /// The most informational heads (1xx) before an answer; a replica that sends more never means to answer.
    static let interimHeads = 32

    /// As it was configured, for the texts of answers.
    let configured: ProxyLimits
    let accessLog: (any AccessLogSink)?
    let redirect: PlainRedirect?
    let servedBy: [UInt8]
    let defaultNamespace: String
    let heads: HeadLimits
    let headTimeout: TimeAmount
    let idleTimeout: TimeAmount
    /// `Int.max` where there is no limit.
    let maxBodyBytes: Int
    let readTimeout: TimeAmount
    let writeTimeout: TimeAmount
    let upstreamTimeout: TimeAmount
    let tunnelTimeout: TimeAmount
    let connectTimeout: TimeAmount
    let connectAttempts: Int
    let ejectAfterFailures: Int
    let waitingCalls: Int
    let waitingCallsPerFunction: Int
    let waitingTimeout: TimeAmount
    let idleUpstreamConnections: Int
    let idleUpstreamTimeout: TimeAmount
    let clientConnections: Int
    let discardedBodyBytes: Int

    init(_ configuration: ProxyConfiguration, loops: Int) {
        let limits = configuration.limits
        func share(_ count: Int) -> Int { (max(0, count) + loops - 1) / max(1, loops) }
        configured = limits
        accessLog = configuration.accessLog
        redirect = configuration.redirect
        servedBy = configuration.servedBy.utf8.filter { $0 >= .space && $0 < 0x7F }
        defaultNamespace = configuration.defaultNamespace
        heads = HeadLimits(bytes: limits.headBytes, fields: limits.headFields, targetBytes: limits.targetBytes)
        headTimeout = TimeAmount(limits.headTimeout)
        idleTimeout = TimeAmount(limits.idleTimeout)
        maxBodyBytes = limits.maxBodyBytes.map { max(0, $0) } ?? .max
        readTimeout = TimeAmount(limits.readTimeout)
        writeTimeout = TimeAmount(limits.writeTimeout)
        upstreamTimeout = TimeAmount(limits.upstreamTimeout)
        tunnelTimeout = TimeAmount(limits.tunnelTimeout)
        connectTimeout = TimeAmount(limits.connectTimeout)
        connectAttempts = max(1, limits.connectAttempts)
        ejectAfterFailures = limits.ejectAfterFailures
        waitingCalls = share(limits.waitingCalls)
        waitingCallsPerFunction = share(limits.waitingCallsPerFunction)
        waitingTimeout = TimeAmount(limits.waitingTimeout)
        idleUpstreamConnections = share(limits.idleUpstreamConnections)
        idleUpstreamTimeout = TimeAmount(limits.idleUpstreamTimeout)
        clientConnections = share(limits.clientConnections)
        discardedBodyBytes = limits.discardedBodyBytes
    }
}
