/// Who is told when a timer is due.
protocol TimerOwner: AnyObject {
    func timerFired(_ timer: LoopTimer)
}

/// A timer that belongs to one object for its whole life and is armed and disarmed at will, so that a request needs no
/// allocation for its deadlines.
final class LoopTimer {
    fileprivate(set) var isArmed = false
    fileprivate(set) var deadline = Instant(nanoseconds: 0)
    /// Counts up with each arming, for timers that are due at once.
    fileprivate var order: UInt64 = 0
    /// Deadline and order it has in the heap: those of now, or of an earlier arming.
    fileprivate var queued = (deadline: Instant(nanoseconds: 0), order: UInt64(0))
    /// Place in the heap, or -1 when it is not in it.
    fileprivate var place = -1
    unowned let owner: any TimerOwner

    init(owner: any TimerOwner) {
        self.owner = owner
    }

    fileprivate func isBefore(_ other: LoopTimer) -> Bool {
        queued.deadline == other.queued.deadline
            ? queued.order < other.queued.order : queued.deadline < other.queued.deadline
    }
}

/// Armed timers, soonest first, of equal ones the one armed first: a binary heap whose timers know their place.
///
/// A timer that is put off stays where it is until its old time has come, and is moved only then. So the deadlines of
/// a busy connection, which come and go with each request, cost no more than writing them down.
struct TimerHeap {
    private var timers: [LoopTimer] = []
    private var armed: UInt64 = 0

    /// No timer is due earlier than this.
    var next: Instant? { timers.first?.queued.deadline }

    mutating func arm(_ timer: LoopTimer, at deadline: Instant) {
        armed += 1
        timer.isArmed = true
        timer.deadline = deadline
        timer.order = armed
        guard timer.place >= 0 else {
            timer.queued = (deadline, armed)
            timer.place = timers.count
            timers.append(timer)
            return rise(from: timer.place)
        }
        guard deadline < timer.queued.deadline else { return }
        timer.queued = (deadline, armed)
        rise(from: timer.place)
    }

    /// It is not due any more, and keeps its place for when it is armed again. Whoever goes away must `disarm`.
    func rest(_ timer: LoopTimer) {
        timer.isArmed = false
    }

    /// It is not due any more, and the heap forgets it.
    mutating func disarm(_ timer: LoopTimer) {
        timer.isArmed = false
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
        while let first = timers.first, first.queued.deadline <= now {
            guard first.isArmed, first.queued.order != first.order else {
                let isDue = first.isArmed
                disarm(first)
                if isDue { return first }
                continue
            }
            first.queued = (first.deadline, first.order)
            sink(from: 0)
        }
        return nil
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
