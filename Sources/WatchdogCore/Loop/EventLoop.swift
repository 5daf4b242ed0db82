import CLinux
import Glibc

/// What epoll says of a descriptor.
struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has closed its sending side.
    static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Both directions are over.
    static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
    static let failed = Readiness(rawValue: EPOLLERR.rawValue)
    static let edgeTriggered = Readiness(rawValue: EPOLLET.rawValue)
}

/// Who is told about a descriptor.
protocol EventHandler: AnyObject {
    func descriptor(_ descriptor: Int32, became readiness: Readiness)
}

/// Who asked to go on after the others had their turn.
protocol Resumable: AnyObject {
    func resume()
}

/// The one thread's loop: descriptors, timers, and what was put off.
final class EventLoop {
    private struct Slot {
        var handler: (any EventHandler)?
        /// Differs after each close, so that an event of a closed descriptor does not reach the next owner of its number.
        var generation: UInt32 = 0
    }

    private static let batch = 128

    private let epoll: Int32
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: batch)
    private var slots: [Slot] = []
    private var timers = TimerHeap()
    private var putOff: [any Resumable] = []
    /// The time at which the current turn began.
    private(set) var now = Instant.now()
    private var busyPoll: BusyPoll
    private var expectsEvent = false
    /// Whose doing is waited for; nil is that of many.
    var awaited: BusyPoll.Awaited? = .clients

    init(busyPoll span: TimeSpan = .zero) throws {
        busyPoll = BusyPoll(span: span)
        epoll = epoll_create1(Int32(O_CLOEXEC))
        if epoll < 0 {
            throw WatchdogError(.system, message: "cannot make an event queue", cause: .last)
        }
    }

    deinit {
        close(epoll)
        events.deallocate()
    }

    /// Watches a descriptor. The handler is held until `close` or `forget`.
    /// - Returns: false when the kernel cannot watch it, as with regular files.
    @discardableResult
    func watch(_ descriptor: Int32, for readiness: Readiness, _ handler: any EventHandler) -> Bool {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        var event = epoll_event()
        event.events = readiness.rawValue
        event.data.u64 = UInt64(slots[index].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { return false }
        slots[index].handler = handler
        return true
    }

    /// Stops watching a descriptor that stays open.
    func forget(_ descriptor: Int32) {
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        release(descriptor)
    }

    /// Closes a descriptor, watched or not. The kernel forgets it by itself: no other process shares our ends.
    func closeDescriptor(_ descriptor: Int32) {
        close(descriptor)
        release(descriptor)
    }

    private func release(_ descriptor: Int32) {
        let index = Int(descriptor)
        guard index < slots.count, slots[index].handler != nil else { return }
        slots[index].handler = nil
        slots[index].generation &+= 1
    }

    /// Forgets all whom it would tell of something.
    func release() {
        slots = []
        timers = TimerHeap()
        putOff = []
    }

    func arm(_ timer: LoopTimer, after span: TimeSpan) {
        timers.arm(timer, at: now + span)
    }

    /// For a timer that is about to be armed anew: see `TimerHeap.rest`.
    func rest(_ timer: LoopTimer) {
        timers.rest(timer)
    }

    /// For good: the timer's owner may go away.
    func disarm(_ timer: LoopTimer) {
        timers.disarm(timer)
    }

    /// Something is to come at once: the next wait looks out for it, whatever experience says.
    func expectEvent() {
        expectsEvent = true
    }

    func resumeLater(_ resumable: any Resumable) {
        putOff.append(resumable)
    }

    /// One turn: waits for events, the next timer or `atMost`, and handles what came.
    func turn() {
        let count = wait()
        now = .now()
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            deliver(token: event.data.u64, Readiness(rawValue: event.events))
        }
        while let timer = timers.popDue(at: now) { timer.owner.timerFired(timer) }
        guard !putOff.isEmpty else { return }
        let turn = putOff
        putOff.removeAll(keepingCapacity: true)
        for resumable in turn { resumable.resume() }
    }

    private func deliver(token: UInt64, _ readiness: Readiness) {
        let index = Int(token & 0xffff_ffff)
        let slot = slots[index]
        guard slot.generation == UInt32(token >> 32), let handler = slot.handler else { return }
        handler.descriptor(Int32(index), became: readiness)
    }

    private func wait() -> Int32 {
        let limit = waitMilliseconds()
        if limit != 0, let count = lookOut() { return count }
        return epoll_wait(epoll, events, Int32(Self.batch), limit)
    }

    /// - Returns: nil when nothing has come.
    private func lookOut() -> Int32? {
        guard let awaited, busyPoll.span > .zero else { return nil }
        if !expectsEvent, !busyPoll.looks(for: awaited) { return nil }
        let count = look(for: busyPoll.span)
        // One that was expected teaches nothing of others.
        if !expectsEvent { busyPoll.looked(for: awaited, hasFound: count > 0) }
        expectsEvent = false
        return count > 0 ? count : nil
    }

    /// Looks for events for a moment. Whoever is to bring them may need this processor, and gets it in between.
    private func look(for span: TimeSpan) -> Int32 {
        let start = Instant.now()
        while true {
            let count = epoll_wait(epoll, events, Int32(Self.batch), 0)
            guard count == 0, Instant.now() - start < span else { return count }
            sched_yield()
        }
    }

    /// Rounded up, as a timer that is woken for too early would spin until it is due.
    private func waitMilliseconds() -> Int32 {
        guard putOff.isEmpty else { return 0 }
        guard let next = timers.next else { return -1 }
        let nanoseconds = max(0, next.nanoseconds - Instant.now().nanoseconds)
        return Int32(min(Int64(Int32.max), (nanoseconds + 999_999) / 1_000_000))
    }
}
