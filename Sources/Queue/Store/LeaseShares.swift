/// Divides what may be begun among the functions that have calls: first to each its equal share, then what is left to
/// those that have more.
struct LeaseShares {
    private var capacity: LeaseCapacity
    private let backlogs: [Backlog]
    private let share: Int
    private var position = 0
    private var asked = 0
    /// Those that had fewer due calls than they might have begun.
    private(set) var exhausted: Set<Backlog> = []

    /// - Parameter first: which of them is asked first; counts around.
    init(_ capacity: LeaseCapacity, among backlogs: [Backlog], first: Int) {
        self.capacity = capacity
        let start = backlogs.isEmpty ? 0 : first % backlogs.count
        self.backlogs = Array(backlogs[start...] + backlogs[..<start])
        share = backlogs.isEmpty ? 0 : max(1, capacity.total / backlogs.count)
    }

    /// Who is to be asked next, and for how many; ``took(_:of:)`` must follow.
    mutating func next() -> (Backlog, limit: Int)? {
        while position < backlogs.count * 2 {
            let backlog = backlogs[position % backlogs.count]
            let isFirst = position < backlogs.count
            position += 1
            guard !exhausted.contains(backlog) else { continue }
            let limit = min(isFirst ? share : capacity.total, capacity.room(backlog))
            guard limit > 0 else { continue }
            asked = limit
            return (backlog, limit)
        }
        return nil
    }

    /// So many were begun of it.
    mutating func took(_ count: Int, of backlog: Backlog) {
        if count < asked { exhausted.insert(backlog) }
        capacity.total -= count
        capacity.queues[backlog.queue]? -= count
        capacity.functions[backlog.function]? -= count
    }
}
