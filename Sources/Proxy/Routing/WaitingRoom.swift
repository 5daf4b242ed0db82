import OpenFaaSAPI

/// The calls of one event loop that wait for functions without a ready replica, first come, first served.
///
/// A pure value: it neither wakes nor answers anybody, it says who is to be.
struct WaitingRoom<Guest: Hashable> {
    enum Admission: Equatable {
        /// Told to wait. `isFirst` when nobody waited for the function before, so that somebody must wake it.
        case waits(isFirst: Bool)
        /// There is no room.
        case full
    }

    fileprivate struct Queue {
        /// Guests that left are `nil`, so that leaving moves nobody.
        var guests: [Guest?] = []
        var places: [Guest: Int] = [:]
    }

    private let limit: Int
    private let limitPerFunction: Int
    private var queues: [FunctionName: Queue] = [:]
    /// How many wait in all.
    private(set) var count = 0

    /// - Parameters:
    ///   - limit: the most guests in all.
    ///   - limitPerFunction: the most for one function.
    init(limit: Int, limitPerFunction: Int) {
        self.limit = limit
        self.limitPerFunction = limitPerFunction
    }

    /// A guest asks to wait. It must not be waiting already.
    mutating func admit(_ guest: Guest, for name: FunctionName) -> Admission {
        guard count < limit else { return .full }
        let waiting = queues[name]?.places.count ?? 0
        guard waiting < limitPerFunction else { return .full }
        queues[name, default: Queue()].add(guest)
        count += 1
        return .waits(isFirst: waiting == 0)
    }

    /// A guest stops waiting, because its time is over or its client is gone.
    ///
    /// - Returns: false when it did not wait.
    @discardableResult
    mutating func leave(_ guest: Guest, for name: FunctionName) -> Bool {
        guard queues[name]?.remove(guest) == true else { return false }
        if queues[name]?.places.isEmpty == true { queues[name] = nil }
        count -= 1
        return true
    }

    /// Empties the queue of a function.
    ///
    /// - Returns: its guests in the order of their coming.
    mutating func release(_ name: FunctionName) -> [Guest] {
        guard let queue = queues.removeValue(forKey: name) else { return [] }
        count -= queue.places.count
        return queue.guests.compactMap(\.self)
    }

    /// The functions that somebody waits for.
    var names: [FunctionName] { Array(queues.keys) }
}

extension WaitingRoom.Queue {
    fileprivate mutating func add(_ guest: Guest) {
        places[guest] = guests.count
        guests.append(guest)
    }

    fileprivate mutating func remove(_ guest: Guest) -> Bool {
        guard let place = places.removeValue(forKey: guest) else { return false }
        guests[place] = nil
        compactIfSparse()
        return true
    }

    /// Keeps a queue whose guests come and go from growing without end.
    private mutating func compactIfSparse() {
        guard guests.count > 64, guests.count > places.count * 2 else { return }
        guests = guests.filter { $0 != nil }
        for (place, guest) in guests.enumerated() {
            if let guest { places[guest] = place }
        }
    }
}
