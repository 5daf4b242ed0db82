import Logging
import NIOCore
import OpenFaaSAPI

/// Everything that one event loop owns. Nothing in here is shared with another loop, so nothing is locked.
final class Worker {
    let eventLoop: any EventLoop
    let settings: LoopSettings
    let fallback: any Fallback
    let waker: any Waker
    let logger: Logger

    private(set) var index: RouteIndex
    private(set) var routes: [LoopRoute] = []
    private var cells: [FunctionName: CounterCell] = [:]
    var pool: UpstreamPool<UpstreamConnection>
    var room: WaitingRoom<FunctionCall>
    var callIDs: CallIDGenerator
    var clock = WallClock()
    private var accessLog: AccessLog?
    /// Where heads for clients are put together. It is used again as soon as it is written, and replaced by the
    /// buffer's own copy-on-write when a slow client keeps it.
    var scratch = ByteBuffer()
    private var clients: [ClientConnection] = []
    /// Tasks of the control plane; they may outlive their connection by a moment.
    private var runningFallbacks = 0
    private var drains: [Drain] = []
    private var isTicking = false
    /// Connections are closed after their answer.
    private(set) var isShuttingDown = false
    /// Takes unused connections while shutting down.
    private(set) var keeper: (any ConnectionKeeper)?
    private var allClosed: EventLoopPromise<Void>?

    init(
        eventLoop: any EventLoop, settings: LoopSettings, fallback: any Fallback, waker: any Waker, logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.fallback = fallback
        self.waker = waker
        self.logger = logger
        accessLog = settings.accessLog.map { AccessLog(sink: $0) }
        index = RouteIndex([], defaultNamespace: settings.defaultNamespace)
        pool = UpstreamPool(
            idleLimit: settings.idleUpstreamConnections, ejectAfterFailures: settings.ejectAfterFailures)
        room = WaitingRoom(limit: settings.waitingCalls, limitPerFunction: settings.waitingCallsPerFunction)
        var system = SystemRandomNumberGenerator()
        callIDs = CallIDGenerator(seededBy: &system)
    }

    // MARK: The table

    /// Takes over a table, and deals with the calls that wait.
    func adopt(_ table: PreparedTable) {
        for connection in pool.replace(with: table.endpoints) { connection.close() }
        routes = table.routes.map { route in
            let cell = cells[route.name] ?? CounterCell()
            cells[route.name] = cell
            return LoopRoute(route, state: state(of: route), settings: settings, cell: cell)
        }
        index = table.index
        for name in room.names { releaseWaiting(name) }
        finishDrains()
    }

    private func state(of route: Route) -> LoopRoute.State {
        switch route.state {
        case .ready(let replicas):
            let places = replicas.compactMap { pool.place(of: $0) }
            return places.isEmpty ? .waiting : .ready(places)
        case .waiting: return .waiting
        case .stopped(let reason): return .stopped(reason: reason)
        }
    }

    /// The route of a function in the table of now.
    func route(of name: FunctionName) -> LoopRoute? {
        number(of: name).map { routes[$0] }
    }

    private func number(of name: FunctionName) -> Int? {
        Array(name.description.utf8).withUnsafeBytes { index.route($0) }
    }

    /// Has a function woken.
    ///
    /// - Returns: how it can be called, where it can be at once. Until the next table it stays so.
    func wake(_ name: FunctionName) -> LoopRoute? {
        let endpoints = waker.wake(name)
        guard !endpoints.isEmpty, let number = number(of: name) else { return nil }
        routes[number] = LoopRoute(routes[number], calling: endpoints.map { pool.add($0) })
        return routes[number]
    }

    private func releaseWaiting(_ name: FunctionName) {
        guard let route = route(of: name) else {
            for call in room.release(name) { call.functionVanished() }
            return
        }
        if case .waiting = route.state { return }
        for call in room.release(name) { call.released(by: route) }
    }

    // MARK: Counters

    func addCounters(of names: Set<FunctionName>?, to sums: inout [FunctionName: FunctionCounters]) {
        for name in names.map(Array.init) ?? Array(cells.keys) {
            cells[name]?.counter.add(to: &sums[name, default: FunctionCounters(name: name)])
        }
    }

    /// Drops a counter, unless the function is in the table.
    func forget(_ name: FunctionName) {
        if route(of: name) == nil { cells[name] = nil }
    }

    // MARK: Draining

    private struct Drain {
        let ids: Set<String>
        let promise: EventLoopPromise<Int>
        let timer: Scheduled<Void>
    }

    /// Waits for the calls on some replicas.
    ///
    /// - Returns: how many are left at the end.
    func drain(_ ids: Set<String>, deadline: TimeAmount) -> EventLoopFuture<Int> {
        for connection in pool.takeIdle(of: ids) { connection.close() }
        let promise = eventLoop.makePromise(of: Int.self)
        let timer = eventLoop.assumeIsolated().scheduleTask(in: deadline) { [self] in
            promise.succeed(pool.running(on: ids))
            drains.removeAll { $0.promise.futureResult === promise.futureResult }
        }
        drains.append(Drain(ids: ids, promise: promise, timer: timer))
        finishDrains()
        return promise.futureResult
    }

    /// To be called when a call has left its replica.
    func finishDrains() {
        guard !drains.isEmpty else { return }
        drains.removeAll { drain in
            guard pool.running(on: drain.ids) == 0 else { return false }
            drain.timer.cancel()
            drain.promise.succeed(0)
            return true
        }
    }

    // MARK: Connections

    /// - Returns: false when there are too many; then the connection must be closed.
    func add(_ client: ClientConnection) -> Bool {
        guard clients.count < settings.clientConnections, !isShuttingDown else { return false }
        client.place = clients.count
        clients.append(client)
        startTicking()
        return true
    }

    func remove(_ client: ClientConnection) {
        guard let place = client.place, let last = clients.popLast() else { return }
        client.place = nil
        if last !== client {
            clients[place] = last
            last.place = place
        }
        finishShutdown()
    }

    func fallbackBegan() {
        runningFallbacks += 1
    }

    func fallbackEnded() {
        runningFallbacks -= 1
        finishShutdown()
    }

    private func finishShutdown() {
        guard isShuttingDown, clients.isEmpty, runningFallbacks == 0 else { return }
        accessLog?.handOver()
        allClosed?.succeed()
    }

    /// Lets running requests end and closes every connection behind its answer.
    ///
    /// - Parameters:
    ///   - grace: after this time what is left is cut.
    ///   - keeper: takes the connections that are unused.
    /// - Returns: fulfilled when all clients are gone.
    func shutDown(grace: TimeAmount, keeper: (any ConnectionKeeper)?) -> EventLoopFuture<Void> {
        if let allClosed { return allClosed.futureResult }
        self.keeper = keeper
        let promise = eventLoop.makePromise(of: Void.self)
        allClosed = promise
        isShuttingDown = true
        for connection in pool.takeAllIdle() { connection.close() }
        for client in clients { client.closeIfUnused() }
        let timer = eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in
            for client in clients { client.abort() }
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        finishShutdown()
        return promise.futureResult
    }

    // MARK: The access log

    /// What a connection needs to have its requests logged; `nil` where they are not.
    func makeAccessRecord() -> AccessRecord? {
        accessLog == nil ? nil : AccessRecord()
    }

    /// A request has begun; `head` is `nil` when it could not be understood.
    func logBegin(_ record: AccessRecord, head: RequestHead?, bytes: Bytes, peer: [UInt8], now: NIODeadline) {
        accessLog?.begin(record, head: head, bytes: bytes, peer: peer, time: clock.now(), now: now)
    }

    func logEnd(_ record: AccessRecord, _ end: AccessLog.End, now: NIODeadline) {
        accessLog?.end(record, end, now: now)
        // The tick hands over what has come together.
        startTicking()
    }

    // MARK: Time

    /// Deadlines are looked at only while there is something that can have one.
    func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        scheduleTick()
    }

    private func scheduleTick() {
        eventLoop.assumeIsolated().scheduleTask(in: LoopSettings.tick) { [self] in
            tick(.now())
            isTicking = !clients.isEmpty || pool.idleCount > 0
            if isTicking { scheduleTick() }
        }
    }

    private func tick(_ now: NIODeadline) {
        accessLog?.handOver()
        for connection in pool.expire(before: now - settings.idleUpstreamTimeout) { connection.close() }
        // From the back, because a client whose time is over may leave the list.
        var place = clients.count - 1
        while place >= 0 {
            if place < clients.count, clients[place].deadline <= now { clients[place].deadlinePassed(now) }
            // One that was slow to take its last answer may have taken it.
            if isShuttingDown, place < clients.count { clients[place].closeIfUnused() }
            place -= 1
        }
    }
}
