/// Who is told when a timer is due.
protocol TimerOwner: AnyObject {
    func timerFired(_ timer: LoopTimer)
}

/// A timer that belongs to one object for its whole life and is armed and disarmed at will, so that a request needs no
/// allocation for its deadlines.
final class LoopTimer {
    fileprivate(set) var deadline = Instant(nanoseconds: 0)
    /// Counts up with each arming, for timers that are due at once.
    fileprivate var order: UInt64 = 0
    /// Place in the heap, or -1 when not armed.
    fileprivate var place = -1
    unowned let owner: any TimerOwner

    init(owner: any TimerOwner) {
        self.owner = owner
    }

    var isArmed: Bool { place >= 0 }

    fileprivate func isBefore(_ other: LoopTimer) -> Bool {
        deadline == other.deadline ? order < other.order : deadline < other.deadline
    }
}

/// Armed timers, soonest first, of equal ones the one armed first: a binary heap whose timers know their place, so that disarming leaves nothing behind.
struct TimerHeap {
    private var timers: [LoopTimer] = []
    private var armed: UInt64 = 0

    var next: Instant? { timers.first?.deadline }

    mutating func arm(_ timer: LoopTimer, at deadline: Instant) {
        disarm(timer)
        armed += 1
        timer.deadline = deadline
        timer.order = armed
        timer.place = timers.count
        timers.append(timer)
        rise(from: timer.place)
    }

    mutating func disarm(_ timer: LoopTimer) {
        let hole = timer.place
        guard hole >= 0 else { return }
        timer.place = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        put(last, at: hole)
        rise(from: hole)
        sink(from: last.place)
    }

    /// Takes out one timer whose time has come.
    mutating func popDue(at now: Instant) -> LoopTimer? {
        guard let first = timers.first, first.deadline <= now else { return nil }
        disarm(first)
        return first
    }

    private mutating func put(_ timer: LoopTimer, at place: Int) {
        timers[place] = timer
        timer.place = place
    }

    private mutating func rise(from start: Int) {
        var place = start
        let timer = timers[place]
        while place > 0, timer.isBefore(timers[(place - 1) / 2]) {
            put(timers[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(timer, at: place)
    }

    private mutating func sink(from start: Int) {
        var place = start
        let timer = timers[place]
        while true {
            var child = 2 * place + 1
            guard child < timers.count else { break }
            if child + 1 < timers.count, timers[child + 1].isBefore(timers[child]) { child += 1 }
            guard timers[child].isBefore(timer) else { break }
            put(timers[child], at: place)
            place = child
        }
        put(timer, at: place)
    }
}
