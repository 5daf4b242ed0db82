public import Logging
import NIOCore
public import NIOPosix
public import OpenFaaSAPI
import Synchronization

/// The data plane: owns the listening ports, proxies function calls on the event loops, and hands everything else
/// to a ``Fallback``.
public final class ProxyServer: Sendable {
    private enum Phase {
        case created
        case starting
        case listening([any Channel])
        case shutDown
    }

    private let configuration: ProxyConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let loops: [LoopHandle]
    private let logger: Logger
    /// Off the path of requests: only starting and shutting down look at it.
    private let phase = Mutex(Phase.created)

    /// - Parameters:
    ///   - configuration: what to do and within which limits.
    ///   - fallback: answers what is not a function call.
    ///   - waker: told of calls that wait for a function.
    ///   - group: the event loops to run on; the caller shuts them down after ``shutdown(grace:)``.
    ///   - logger: takes what an operator should know.
    public init(
        configuration: ProxyConfiguration, fallback: any Fallback, waker: any Waker,
        group: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        let eventLoops = Array(group.makeIterator())
        let settings = LoopSettings(configuration, loops: eventLoops.count)
        loops = eventLoops.map {
            LoopHandle(eventLoop: $0, settings: settings, fallback: fallback, waker: waker, logger: logger)
        }
    }

    /// Opens the ports. ``publish(_:)`` may come before or after.
    ///
    /// - Returns: the bound addresses in the order of the configuration, the encrypted ones last.
    /// - Throws: ``ProxyError``; then no port is open.
    public func start() async throws -> [BoundAddress] {
        let mayStart = phase.withLock { phase in
            guard case .created = phase else { return false }
            phase = .starting
            return true
        }
        guard mayStart else { throw ProxyError(.wrongState, "the proxy was started before") }
        let listener = Listener(group: group, loops: loops)
        var channels: [any Channel] = []
        do {
            for address in configuration.listen { channels.append(try await listener.open(address)) }
            if let secure = configuration.secure {
                for address in secure.listen {
                    channels.append(try await listener.open(address, security: secure.security))
                }
            }
        } catch {
            for channel in channels { try? await channel.close() }
            phase.withLock { $0 = .shutDown }
            throw error
        }
        let opened = channels
        phase.withLock { $0 = .listening(opened) }
        let bound = opened.map { channel in
            BoundAddress(host: channel.localAddress?.ipAddress ?? "", port: channel.localAddress?.port ?? 0)
        }
        for address in bound {
            logger.info("listening", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
        }
        return bound
    }

    /// Makes every event loop use a new table. Calls that run go on; calls that wait are released, answered or
    /// left waiting as the new table says.
    ///
    /// Returns when no event loop will start another call by an older table. Tables must be published one after
    /// the other: of two at once either may win.
    public func publish(_ table: RouteTable) async {
        let prepared = PreparedTable(table, defaultNamespace: configuration.defaultNamespace)
        await onEveryLoop { $0.adopt(prepared) }
    }

    /// Waits until no call is running on the given replicas, and closes their unused connections.
    ///
    /// To be called after a table without these replicas was published; otherwise new calls keep coming.
    ///
    /// - Parameters:
    ///   - ids: the replicas' names.
    ///   - deadline: how long to wait at most.
    /// - Returns: how many calls were still running when the time was over; 0 when all had ended.
    public func drain(replicas ids: Set<String>, deadline: Duration) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for loop in loops {
                group.addTask { await loop.waitFor { $0.drain(ids, deadline: TimeAmount(deadline)) } ?? 0 }
            }
            return await group.reduce(0, +)
        }
    }

    /// What happened to the calls so far, one entry for each function that was in a table and not forgotten.
    ///
    /// - Parameter names: the functions that are meant, which costs as little as they are few; `nil` for all.
    public func counters(of names: Set<FunctionName>? = nil) async -> [FunctionCounters] {
        let merged = await withTaskGroup(of: [FunctionName: FunctionCounters].self) { group in
            for loop in loops {
                group.addTask {
                    await loop.run { worker in
                        var sums: [FunctionName: FunctionCounters] = [:]
                        worker.addCounters(of: names, to: &sums)
                        return sums
                    } ?? [:]
                }
            }
            return await group.reduce(into: [:]) { sums, part in
                sums.merge(part) { $0.adding($1) }
            }
        }
        return Array(merged.values)
    }

    /// Drops the counters of a function that is no longer in the table; of no effect while it is in there.
    public func forget(_ name: FunctionName) async {
        await onEveryLoop { $0.forget(name) }
    }

    /// Serves connections that were accepted by an earlier process, and are between two requests.
    ///
    /// To be called after a table was published; otherwise what they ask for is not there yet.
    ///
    /// - Parameter descriptors: their sockets; the proxy owns them from now on.
    public func adopt(_ descriptors: [CInt]) async {
        let listener = Listener(group: group, loops: loops)
        for descriptor in descriptors {
            do {
                try await listener.adopt(descriptor)
            } catch {
                // Its client has gone.
                logger.debug("a connection was not taken over", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Returns when every event loop has done what it had to do before.
    public func settle() async {
        await onEveryLoop { _ in }
    }

    /// Stops accepting connections, lets running requests end, and closes every connection after its answer.
    ///
    /// - Parameters:
    ///   - grace: how long running requests may take; then they are cut.
    ///   - keeper: takes the connections that are, or become, unused; without one they are closed.
    public func shutdown(grace: Duration, keeper: (any ConnectionKeeper)? = nil) async {
        let listeners = phase.withLock { phase in
            defer { phase = .shutDown }
            if case .listening(let channels) = phase { return channels }
            return []
        }
        for listener in listeners { try? await listener.setOption(.autoRead, value: false).get() }
        // What was accepted is on its way to its loop, back to the listener's, and to its loop again; a listener that
        // is closed meanwhile closes it, and its first request would be lost.
        for _ in 0..<3 { await settle() }
        for listener in listeners { try? await listener.close() }
        await withTaskGroup(of: Void.self) { group in
            for loop in loops {
                group.addTask {
                    _ = await loop.waitFor { $0.shutDown(grace: TimeAmount(grace), keeper: keeper) }
                }
            }
        }
        logger.info("stopped")
    }

    private func onEveryLoop(_ body: @escaping @Sendable (Worker) -> Void) async {
        // All loops have begun before the first is waited for.
        for done in loops.map({ $0.begin(body) }) { try? await done.get() }
    }
}
