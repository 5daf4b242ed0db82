import NIOCore

/// The replicas that one event loop knows, the calls it has running on each, and its unused connections to them.
///
/// A pure value: it opens and closes nothing, it says which connection to use, keep or close. Replicas are named
/// by their place, which stays the same until the replica has left the table and its last call has ended.
struct UpstreamPool<Connection: Equatable> {
    /// What becomes of a connection whose call has ended.
    enum Parking: Equatable {
        case kept
        /// It is to be closed.
        case refused
        /// It is kept, and the given one, unused for longest, is to be closed.
        case keptInstead(of: Connection)
    }

    private struct Idle {
        let connection: Connection
        let since: NIODeadline
    }

    private struct Replica {
        let endpoint: ReplicaEndpoint
        var running = 0
        /// The connection used last is at the end and is used next, so that those not needed grow old.
        var idle: [Idle] = []
        /// No longer in the table.
        var isRetired = false
        var health = ReplicaHealth()
    }

    private let idleLimit: Int
    private let ejectAfterFailures: Int
    private var replicas: [Replica?] = []
    private var free: [Int] = []
    private var places: [ReplicaEndpoint: Int] = [:]
    private var rotation = 0
    /// How many unused connections there are.
    private(set) var idleCount = 0

    /// - Parameters:
    ///   - idleLimit: the most unused connections.
    ///   - ejectAfterFailures: after how many failures in a row a replica is left out for a while; 0 is never.
    init(idleLimit: Int, ejectAfterFailures: Int) {
        self.idleLimit = idleLimit
        self.ejectAfterFailures = ejectAfterFailures
    }

    // MARK: The table

    /// Takes over the replicas of a new table.
    ///
    /// - Returns: unused connections to replicas that are no longer in it; they are to be closed.
    mutating func replace(with endpoints: Set<ReplicaEndpoint>) -> [Connection] {
        var closing: [Connection] = []
        for (endpoint, place) in places where !endpoints.contains(endpoint) {
            closing += takeIdle(place)
            replicas[place]?.isRetired = true
            removeIfUnused(place)
        }
        for endpoint in endpoints { add(endpoint) }
        return closing
    }

    /// Takes over one replica more.
    ///
    /// - Returns: its place.
    @discardableResult
    mutating func add(_ endpoint: ReplicaEndpoint) -> Int {
        if let place = places[endpoint] {
            // It may have been out of the table for a while, with calls still running.
            replicas[place]?.isRetired = false
            return place
        }
        let place = insert(Replica(endpoint: endpoint))
        places[endpoint] = place
        return place
    }

    /// The place of a replica in the table.
    func place(of endpoint: ReplicaEndpoint) -> Int? {
        guard let place = places[endpoint], replicas[place]?.isRetired == false else { return nil }
        return place
    }

    /// The replica at a place.
    func endpoint(at place: Int) -> ReplicaEndpoint? { replicas[place]?.endpoint }

    // MARK: Calls

    /// The replica with the least calls; among equals they take turns. Those that are left out for their failures are
    /// taken only when there is no other.
    ///
    /// - Parameters:
    ///   - candidates: places of replicas.
    ///   - tried: places that are out of the question.
    func choose(among candidates: [Int], except tried: [Int], now: NIODeadline) -> Int? {
        var best: Int?
        var bestLoad = (isLeftOut: true, running: Int.max)
        for step in 0..<candidates.count {
            let place = candidates[(rotation &+ step) % candidates.count]
            guard let replica = replicas[place], !tried.contains(place) else { continue }
            let isLeftOut = replica.health.isLeftOut(now)
            if isLeftOut, !bestLoad.isLeftOut { continue }
            if isLeftOut == bestLoad.isLeftOut, replica.running >= bestLoad.running { continue }
            best = place
            bestLoad = (isLeftOut, replica.running)
        }
        return best
    }

    /// A call begins on a replica.
    ///
    /// - Returns: a connection to use, or `nil` when one has to be opened.
    mutating func begin(at place: Int, fresh: Bool = false) -> Connection? {
        rotation &+= 1
        if rotation < 0 { rotation = 0 }
        replicas[place]?.running += 1
        replicas[place]?.health.callBegan()
        guard !fresh, let idle = replicas[place]?.idle.popLast() else { return nil }
        idleCount -= 1
        return idle.connection
    }

    /// A call has ended on a replica; its connection is the caller's affair, see ``park(_:at:now:)``.
    mutating func end(at place: Int) {
        replicas[place]?.running -= 1
        replicas[place]?.health.callWentOn()
        removeIfUnused(place)
    }

    /// The head of an answer has come.
    mutating func answerBegan(at place: Int) {
        replicas[place]?.health.callWentOn()
    }

    /// A call was answered to its end. To be called before ``end(at:)``.
    ///
    /// - Returns: whether the replica was left out, and is not any more.
    mutating func succeeded(at place: Int) -> Bool {
        replicas[place]?.health.callSucceeded() ?? false
    }

    /// A call has failed by the replica's fault. To be called before ``end(at:)``.
    ///
    /// - Parameter candidates: the places of all replicas of the function. At least one of them is never left out.
    /// - Returns: when it is left out from now on.
    mutating func failed(at place: Int, among candidates: [Int], now: NIODeadline) -> ReplicaHealth.Ejection? {
        let others = candidates.contains { $0 != place && replicas[$0]?.health.isLeftOut(now) == false }
        return replicas[place]?.health.callFailed(now: now, limit: ejectAfterFailures, others: others)
    }

    /// How many calls are running on replicas of the given names.
    func running(on ids: Set<String>) -> Int {
        var sum = 0
        for case let replica? in replicas where ids.contains(replica.endpoint.id) { sum += replica.running }
        return sum
    }

    // MARK: Unused connections

    /// A connection is no longer used. To be called before ``end(at:)`` of its call.
    mutating func park(_ connection: Connection, at place: Int, now: NIODeadline) -> Parking {
        guard idleLimit > 0, let replica = replicas[place], !replica.isRetired else { return .refused }
        replicas[place]?.idle.append(Idle(connection: connection, since: now))
        idleCount += 1
        guard idleCount > idleLimit, let oldest = takeOldest() else { return .kept }
        return .keptInstead(of: oldest)
    }

    /// An unused connection was closed by the other side.
    mutating func remove(_ connection: Connection, at place: Int) {
        guard let index = replicas[place]?.idle.lastIndex(where: { $0.connection == connection }) else { return }
        replicas[place]?.idle.remove(at: index)
        idleCount -= 1
        removeIfUnused(place)
    }

    /// Takes out connections that were not used since before `time`; they are to be closed.
    mutating func expire(before time: NIODeadline) -> [Connection] {
        guard idleCount > 0 else { return [] }
        var expired: [Connection] = []
        for place in replicas.indices {
            guard let idle = replicas[place]?.idle, let first = idle.first, first.since < time else { continue }
            let count = idle.firstIndex { $0.since >= time } ?? idle.count
            expired += idle[..<count].map(\.connection)
            replicas[place]?.idle.removeFirst(count)
            idleCount -= count
        }
        return expired
    }

    /// Takes out all unused connections to replicas of the given names; they are to be closed.
    mutating func takeIdle(of ids: Set<String>) -> [Connection] {
        var taken: [Connection] = []
        for place in replicas.indices {
            guard let replica = replicas[place], ids.contains(replica.endpoint.id) else { continue }
            taken += takeIdle(place)
        }
        return taken
    }

    /// Takes out all unused connections.
    mutating func takeAllIdle() -> [Connection] {
        replicas.indices.flatMap { takeIdle($0) }
    }

    private mutating func takeIdle(_ place: Int) -> [Connection] {
        guard let idle = replicas[place]?.idle, !idle.isEmpty else { return [] }
        replicas[place]?.idle = []
        idleCount -= idle.count
        return idle.map(\.connection)
    }

    private mutating func takeOldest() -> Connection? {
        var oldest: (place: Int, since: NIODeadline)?
        for (place, replica) in replicas.enumerated() {
            guard let since = replica?.idle.first?.since else { continue }
            if let known = oldest, known.since <= since { continue }
            oldest = (place, since)
        }
        guard let oldest, let idle = replicas[oldest.place]?.idle.removeFirst() else { return nil }
        idleCount -= 1
        return idle.connection
    }

    private mutating func insert(_ replica: Replica) -> Int {
        if let place = free.popLast() {
            replicas[place] = replica
            return place
        }
        replicas.append(replica)
        return replicas.count - 1
    }

    private mutating func removeIfUnused(_ place: Int) {
        guard let replica = replicas[place], replica.isRetired, replica.running == 0, replica.idle.isEmpty else {
            return
        }
        replicas[place] = nil
        places[replica.endpoint] = nil
        free.append(place)
    }
}
