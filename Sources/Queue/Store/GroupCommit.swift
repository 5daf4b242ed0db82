import GRDB
import Synchronization

/// A write that waits for its commit.
private protocol WaitingWrite: Sendable {
    var bytes: Int { get }
    /// Writes, within a transaction. It may be called again after the transaction was undone.
    func run(_ database: Database, _ counts: inout QueueCounts) throws
    /// Tells whoever waits.
    func end(_ error: (any Error)?)
}

private final class Write<Value: Sendable>: WaitingWrite {
    typealias Body = @Sendable (Database, inout QueueCounts) throws -> Value

    let bytes: Int
    private let body: Body
    private let value = Mutex<Value?>(nil)
    private let continuation: CheckedContinuation<Value, any Error>

    init(bytes: Int, body: @escaping Body, continuation: CheckedContinuation<Value, any Error>) {
        self.bytes = bytes
        self.body = body
        self.continuation = continuation
    }

    func run(_ database: Database, _ counts: inout QueueCounts) throws {
        let result = try body(database, &counts)
        value.withLock { $0 = result }
    }

    func end(_ error: (any Error)?) {
        if let error {
            continuation.resume(throwing: error)
        } else if let value = value.withLock({ $0 }) {
            continuation.resume(returning: value)
        } else {
            continuation.resume(throwing: QueueError(.storeFailed, "the write was not done"))
        }
    }
}

/// The one writer of the database. While it waits for the disk others queue up, and all of them go into the next
/// transaction: one fsync for many calls.
///
/// A client that goes away does not undo a commit of others: writes do not end with the tasks that asked for them.
final class GroupCommit: Sendable {
    private struct Waiting {
        var writes: [any WaitingWrite] = []
        var bytes = 0
        var isScheduled = false
    }

    /// The most writes of one transaction: a few milliseconds' work.
    private static let groupSize = 512

    private let database: DatabasePool
    private let unwrittenBytes: Int
    private let waiting = Mutex(Waiting())
    private let published: Mutex<QueueCounts>

    init(database: DatabasePool, counts: QueueCounts, unwrittenBytes: Int) {
        self.database = database
        self.unwrittenBytes = unwrittenBytes
        published = Mutex(counts)
    }

    /// The counts as of the last commit.
    var counts: QueueCounts { published.withLock { $0 } }

    /// Writes, and returns after the commit.
    ///
    /// - Parameters:
    ///   - bytes: what the write holds in memory while it waits; more of them than the limit are refused.
    ///   - body: may run again when a write of the same group failed; must decide by the database and the counts alone.
    func write<Value: Sendable>(
        bytes: Int = 0, _ body: @escaping @Sendable (Database, inout QueueCounts) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(bytes: bytes, body: body, continuation: continuation)
            let (isAccepted, mustSchedule) = waiting.withLock { waiting in
                guard bytes == 0 || waiting.bytes + bytes <= unwrittenBytes else { return (false, false) }
                waiting.writes.append(write)
                waiting.bytes += bytes
                defer { waiting.isScheduled = true }
                return (true, !waiting.isScheduled)
            }
            guard isAccepted else {
                return write.end(QueueError(.full, "the disk is slower than the calls come; try again later"))
            }
            // GRDB's own queue: one closure at a time, off the threads of tasks.
            if mustSchedule { database.asyncWriteWithoutTransaction { self.writeAll($0) } }
        }
    }

    private func writeAll(_ database: Database) {
        while let group = takeGroup() { commit(group, database) }
    }

    private func takeGroup() -> [any WaitingWrite]? {
        waiting.withLock { waiting in
            guard !waiting.writes.isEmpty else {
                waiting.isScheduled = false
                return nil
            }
            let group = Array(waiting.writes.prefix(Self.groupSize))
            waiting.writes.removeFirst(group.count)
            waiting.bytes -= group.reduce(0) { $0 + $1.bytes }
            return group
        }
    }

    private func commit(_ group: [any WaitingWrite], _ database: Database) {
        var counts = counts
        do {
            try database.inTransaction(.immediate) {
                for write in group { try write.run(database, &counts) }
                return .commit
            }
        } catch {
            // One that cannot be written, such as a body on a full disk, must not take the others with it.
            guard group.count > 1 else { return group[0].end(error) }
            for write in group { commit([write], database) }
            return
        }
        counts.commits += 1
        published.withLock { $0 = counts }
        for write in group { write.end(nil) }
    }
}
