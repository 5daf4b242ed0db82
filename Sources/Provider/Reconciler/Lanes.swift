/// Lets one piece of work at a time act on a function or a namespace, in the order of arrival; different ones go side
/// by side.
///
/// It is a part of an actor's state, not a lock: the actor calls it between its own steps.
struct Lanes<Key: Hashable & Sendable>: Sendable {
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    /// Takes the lane if it is free.
    mutating func tryEnter(_ key: Key) -> Bool {
        guard waiting[key] == nil else { return false }
        waiting[key] = []
        return true
    }

    /// Queues behind whoever has the lane.
    mutating func wait(_ key: Key, _ continuation: CheckedContinuation<Void, Never>) {
        waiting[key, default: []].append(continuation)
    }

    /// Hands the lane to the next in the queue, or frees it.
    mutating func leave(_ key: Key) {
        guard var queue = waiting[key] else { return }
        if queue.isEmpty {
            waiting[key] = nil
        } else {
            let next = queue.removeFirst()
            waiting[key] = queue
            next.resume()
        }
    }
}
