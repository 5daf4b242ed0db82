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
        /// A connection was refused: others are tried first until then.
        var avoidedUntil: NIODeadline?
    }

    private let idleLimit: Int
    private var replicas: [Replica?] = []
    private var free: [Int] = []
    private var places: [ReplicaEndpoint: Int] = [:]
    private var rotation = 0
    /// How many unused connections there are.
    private(set) var idleCount = 0

    /// - Parameter idleLimit: the most unused connections.
    init(idleLimit: Int) {
        self.idleLimit = idleLimit
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
        for endpoint in endpoints {
            if let place = places[endpoint] {
                // It may have been out of the table for a while, with calls still running.
                replicas[place]?.isRetired = false
            } else {
                places[endpoint] = insert(Replica(endpoint: endpoint))
            }
        }
        return closing
    }

    /// The place of a replica in the table.
    func place(of endpoint: ReplicaEndpoint) -> Int? {
        guard let place = places[endpoint], replicas[place]?.isRetired == false else { return nil }
        return place
    }

    /// The replica at a place.
    func endpoint(at place: Int) -> ReplicaEndpoint? { replicas[place]?.endpoint }

    // MARK: Calls

    /// The replica with the least calls; among equals they take turns. Those that refused a connection lately are
    /// taken only when there is no other.
    ///
    /// - Parameters:
    ///   - candidates: places of replicas.
    ///   - tried: places that are out of the question.
    func choose(among candidates: [Int], except tried: [Int], now: NIODeadline) -> Int? {
        var best: Int?
        var bestLoad = (isAvoided: true, running: Int.max)
        for step in 0..<candidates.count {
            let place = candidates[(rotation &+ step) % candidates.count]
            guard let replica = replicas[place], !tried.contains(place) else { continue }
            let isAvoided = replica.avoidedUntil.map { now < $0 } ?? false
            if isAvoided, !bestLoad.isAvoided { continue }
            if isAvoided == bestLoad.isAvoided, replica.running >= bestLoad.running { continue }
            best = place
            bestLoad = (isAvoided, replica.running)
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
        guard !fresh, let idle = replicas[place]?.idle.popLast() else { return nil }
        idleCount -= 1
        return idle.connection
    }

    /// A call has ended on a replica; its connection is the caller's affair, see ``park(_:at:now:)``.
    mutating func end(at place: Int) {
        replicas[place]?.running -= 1
        removeIfUnused(place)
    }

    /// A replica refused a connection.
    mutating func avoid(place: Int, until time: NIODeadline) {
        replicas[place]?.avoidedUntil = time
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
        replicas[place]?.avoidedUntil = nil
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
