import Dispatch
import Synchronization

/// Stands between a container's pipes and a store that may be slow or stuck.
///
/// Lines wait in a queue of bounded size. When it is full the reader waits a moment, which slows the container
/// down to the store's speed; when that did not help, lines are dropped and counted until there is room again.
/// So a dead disk or journal never stops the container.
final class LogWriter: Sendable {
    private struct State {
        var waitingBytes = 0
        var readerWaits = false
        var isStalled = false
        var lost = 0
    }

    private let queue = DispatchQueue(label: "log-writer")
    private let room = DispatchSemaphore(value: 0)
    private let state = Mutex(State())
    private let write: @Sendable ([LogRecord]) -> Void
    private let capacityBytes: Int
    private let patience: DispatchTimeInterval

    /// - Parameters:
    ///   - write: Called with lines in order, never twice at one time. It may block.
    ///   - patience: How long the reader waits for room before it drops lines.
    init(
        capacityBytes: Int = 4 << 20, patience: DispatchTimeInterval = .seconds(1),
        write: @escaping @Sendable ([LogRecord]) -> Void
    ) {
        self.capacityBytes = capacityBytes
        self.patience = patience
        self.write = write
    }

    /// Passes lines on to the store. Returns after at most the patience.
    func submit(_ records: [LogRecord]) {
        guard let last = records.last else { return }
        let size = records.reduce(0) { $0 + $1.bytes.count + 64 }
        guard reserve(size) else {
            state.withLock { $0.lost += records.count }
            return
        }
        let lost = state.withLock { state in
            defer { state.lost = 0 }
            return state.lost
        }
        queue.async { [self] in
            if lost > 0 { write([Self.notice(ofLost: lost, like: last)]) }
            write(records)
            release(size)
        }
    }

    /// Waits until everything that was accepted is in the store.
    func finish() {
        queue.sync {}
    }

    private func reserve(_ size: Int) -> Bool {
        while true {
            let (hasRoom, isStalled) = state.withLock { state in
                let fits = state.waitingBytes == 0 || state.waitingBytes + size <= capacityBytes
                if fits {
                    state.waitingBytes += size
                    state.isStalled = false
                } else if !state.isStalled {
                    state.readerWaits = true
                }
                return (fits, state.isStalled)
            }
            if hasRoom { return true }
            if isStalled { return false }
            if room.wait(timeout: .now() + patience) == .timedOut {
                state.withLock { state in
                    state.isStalled = true
                    state.readerWaits = false
                }
                return false
            }
        }
    }

    private func release(_ size: Int) {
        let wakes = state.withLock { state in
            state.waitingBytes -= size
            defer { state.readerWaits = false }
            return state.readerWaits
        }
        if wakes { room.signal() }
    }

    private static func notice(ofLost count: Int, like record: LogRecord) -> LogRecord {
        var notice = record
        notice.stream = .error
        notice.bytes = Array("\(count) lines were lost here because the log store did not keep up".utf8)
        notice.endsLine = true
        return notice
    }
}
