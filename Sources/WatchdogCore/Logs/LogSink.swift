import Glibc

/// Who is told that the log takes lines again.
protocol LogWaiter: AnyObject {
    func logHasRoom()
}

/// A log: stderr with the watchdog's own lines and those of the function. Writing never blocks the loop. While the reader is
/// slow the function's lines wait in the function's pipe; when the reader takes nothing for `Limits.logStall`, lines
/// are dropped and counted: a lost line is better than a function that stands still because nobody reads its log.
final class LogSink: EventHandler, TimerOwner {
    private let loop: EventLoop
    private let descriptor: Int32
    private let pending: Buffer
    private var clock = WallClock()
    private var isWatched = false
    private var isGone = false
    /// Whether the reader has taken nothing for too long.
    private var isStalled = false
    private var dropped = 0
    private lazy var stallTimer = LoopTimer(owner: self)
    private lazy var flushTimer = LoopTimer(owner: self)
    weak var waiter: (any LogWaiter)?

    init(loop: EventLoop, descriptor: Int32, longestLine: Int) {
        self.loop = loop
        self.descriptor = descriptor
        pending = Buffer(capacity: longestLine + Limits.buffer)
    }

    /// The Date field's value, from the same clock.
    func httpDate() -> [UInt8] { clock.httpDate() }

    /// Logs a line of the watchdog itself.
    func line(_ compose: (Buffer) -> Void) {
        guard hasRoom(Limits.ownLine) else {
            dropped += 1
            return
        }
        pending.append(clock.logPrefix())
        compose(pending)
        pending.append("\n")
    }

    func line(_ text: String) {
        line { $0.append(Array(text.utf8.prefix(Limits.ownLine / 2))) }
    }

    /// Logs a line of the function.
    /// - Parameter label: put before it, after the date; nil logs the line as it is.
    /// - Returns: false when the log is full for now; the waiter is told when to try again.
    func functionLine(_ bytes: UnsafeRawBufferPointer, label: StaticString?) -> Bool {
        guard hasRoom(bytes.count + Limits.ownLine) else {
            guard isStalled || isGone else { return false }
            dropped += 1
            return true
        }
        if let label {
            pending.append(clock.logPrefix())
            pending.append(label)
        }
        pending.append(bytes)
        pending.append("\n")
        return true
    }

    /// Called before lines are added: those that come soon after each other are written together.
    private func hasRoom(_ count: Int) -> Bool {
        if !flushTimer.isArmed { loop.arm(flushTimer, after: Limits.logDelay) }
        if pending.free >= count { return true }
        flush()
        pending.compact()
        return pending.free >= count
    }

    /// Writes what can be written. A pipe that polls writable takes `Limits.logWrite` bytes without blocking; the
    /// descriptor itself stays as it is, since others may share its file description.
    func flush() {
        var hasMoved = false
        while !pending.isEmpty, !isGone {
            guard isWritable() else {
                wait(hasMoved: hasMoved)
                break
            }
            let bytes = pending.readable
            switch Descriptors.send(descriptor, bytes.slice(0..<min(bytes.count, Limits.logWrite))) {
            case .moved(let count):
                pending.consume(count)
                hasMoved = true
            case .blocked:
                wait(hasMoved: hasMoved)
                return
            case .ended, .failed:
                isGone = true
            }
        }
        if isGone { pending.clear() }
        if hasMoved || isGone { loosen() }
    }

    /// Writes what is left before the process ends, and waits a moment for a slow reader.
    func finish() {
        while !pending.isEmpty, !isGone, isWritable(within: Limits.lastLogWait) { flush() }
    }

    private func isWritable(within milliseconds: Int32 = 0) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }

    private func wait(hasMoved: Bool) {
        if !isWatched { isWatched = loop.watch(descriptor, for: [.writable, .edgeTriggered], self) }
        if hasMoved || !stallTimer.isArmed, !isStalled { loop.arm(stallTimer, after: Limits.logStall) }
    }

    private func loosen() {
        isStalled = false
        if pending.isEmpty { loop.disarm(stallTimer) }
        guard dropped > 0, !isGone, pending.free >= Limits.ownLine else { return }
        let count = dropped
        dropped = 0
        line { buffer in
            buffer.append("dropped ")
            buffer.append(decimal: count)
            buffer.append(" log lines: their reader is too slow")
        }
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        flush()
        waiter?.logHasRoom()
    }

    func timerFired(_ timer: LoopTimer) {
        if timer === flushTimer { return flush() }
        isStalled = !pending.isEmpty
        waiter?.logHasRoom()
    }
}
