import AsyncHTTPClient
import Logging
import NIOPosix
import Proxy
import Queue

/// What a gateway with asynchronous calls has more than one without.
struct AsyncParts: Sendable {
    /// What bodies may hold in memory together while they are read.
    private static let bodyBudget = 64 << 20

    let queue: CallQueue
    let catalog: FunctionCatalog
    let configuration: AsyncConfiguration
    /// How many addresses are those of calls, before others.
    let listening: Int
    let group: MultiThreadedEventLoopGroup

    /// Takes asynchronous calls, and hands on everything else.
    func front(before controlPlane: ControlPlane, meter: RequestMeter, servedBy: String) -> any Fallback {
        AsyncFront(
            calls: AsyncCalls(
                queue: queue, catalog: catalog, bodyBytes: configuration.bodyBytes, servedBy: servedBy,
                budget: BodyBudget(total: max(Self.bodyBudget, configuration.bodyBytes))),
            controlPlane: controlPlane, meter: meter)
    }

    /// Sends what is due until the queue is stopped.
    func run(boundTo addresses: [BoundAddress], logger: Logger) async {
        // Until the provider has told which functions there are, the proxy knows of none.
        while !catalog.isReady, !queue.isStopped, !Task.isCancelled {
            // Cut short by cancellation only, which the loop sees.
            try? await Task.sleep(for: .milliseconds(20))
        }
        let own = OwnAddresses(
            bound: addresses.prefix(listening).filter { !$0.host.isEmpty }.map { (host: $0.host, port: $0.port) })
        let limits = configuration.dispatch
        let loopback = LoopbackSender.makeClient(
            group: group, connections: limits.concurrency + limits.callbackConcurrency)
        await queue.run(
            sender: LoopbackSender(
                client: loopback, base: own.base, catalog: catalog, answerBytes: configuration.bodyBytes),
            callbackSender: CallbackClient(
                loopback: loopback, own: own, allowsPrivate: configuration.allowsPrivateCallbacks, group: group),
            settings: catalog, limits: limits, logger: logger)
        // It fails only when it was shut down before.
        try? await loopback.shutdown()
    }
}
