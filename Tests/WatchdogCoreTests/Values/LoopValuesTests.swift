import Testing

@testable import WatchdogCore

private final class Owner: TimerOwner {
    func timerFired(_ timer: LoopTimer) {}
}

@Suite struct TimerHeapTests {
    @Test func popsInOrderAlsoAfterDisarming() {
        let owner = Owner()
        var heap = TimerHeap()
        let timers = (0..<200).map { _ in LoopTimer(owner: owner) }
        let due = (0..<200).map { Int64(($0 * 7919) % 211) }
        for (timer, time) in zip(timers, due) { heap.arm(timer, at: Instant(nanoseconds: time)) }
        for index in stride(from: 0, to: 200, by: 3) { heap.disarm(timers[index]) }
        for index in stride(from: 1, to: 200, by: 3) { heap.arm(timers[index], at: Instant(nanoseconds: due[index])) }
        var popped: [Int64] = []
        while let timer = heap.popDue(at: Instant(nanoseconds: 1000)) {
            #expect(!timer.isArmed)
            popped.append(timer.deadline.nanoseconds)
        }
        #expect(popped == (0..<200).filter { $0 % 3 != 0 }.map { due[$0] }.sorted())
    }

    @Test func leavesTheFutureAlone() {
        let owner = Owner()
        var heap = TimerHeap()
        let timer = LoopTimer(owner: owner)
        heap.arm(timer, at: Instant(nanoseconds: 10))
        #expect(heap.popDue(at: Instant(nanoseconds: 9)) == nil)
        #expect(heap.next == Instant(nanoseconds: 10))
        #expect(heap.popDue(at: Instant(nanoseconds: 10)) === timer)
        #expect(heap.next == nil)
    }

    /// What is put off keeps its place until then, and comes at its time all the same.
    @Test func putsOff() {
        let owner = Owner()
        var heap = TimerHeap()
        let (early, late) = (LoopTimer(owner: owner), LoopTimer(owner: owner))
        heap.arm(early, at: Instant(nanoseconds: 10))
        heap.arm(late, at: Instant(nanoseconds: 20))
        heap.arm(early, at: Instant(nanoseconds: 30))
        #expect(heap.popDue(at: Instant(nanoseconds: 15)) == nil)
        #expect(heap.next == Instant(nanoseconds: 20))
        heap.rest(late)
        #expect(heap.popDue(at: Instant(nanoseconds: 25)) == nil && !late.isArmed)
        heap.arm(early, at: Instant(nanoseconds: 26))
        #expect(heap.popDue(at: Instant(nanoseconds: 26)) === early)
        #expect(heap.next == nil)
        // Equal ones in the order they were armed in last.
        heap.arm(late, at: Instant(nanoseconds: 40))
        heap.arm(early, at: Instant(nanoseconds: 40))
        heap.arm(late, at: Instant(nanoseconds: 40))
        #expect(heap.popDue(at: Instant(nanoseconds: 40)) === early)
        #expect(heap.popDue(at: Instant(nanoseconds: 40)) === late)
    }

    @Test func firesEqualTimersInTheOrderOfTheirArming() {
        let owner = Owner()
        var heap = TimerHeap()
        let timers = (0..<50).map { _ in LoopTimer(owner: owner) }
        for timer in timers { heap.arm(timer, at: Instant(nanoseconds: 5)) }
        for timer in timers { #expect(heap.popDue(at: Instant(nanoseconds: 5)) === timer) }
    }
}

@Suite struct BufferTests {
    @Test func framesABodyThatIsAlreadyThere() {
        let buffer = Buffer(capacity: 16)
        buffer.append("0123456789")
        withBytes("a\r\n") { buffer.prepend($0) }
        buffer.append("\r\n")
        #expect(buffer.text == "a\r\n0123456789\r\n")
        buffer.consume(3)
        #expect(buffer.text == "0123456789\r\n")
        buffer.consume(100)
        #expect(buffer.isEmpty)
    }

    @Test func keepsToItsRoom() {
        let buffer = Buffer(capacity: 4)
        let outcome = buffer.fill { room in
            room.copyBytes(from: [1, 2, 3, 4, 5].prefix(room.count))
            return .moved(room.count)
        }
        #expect(outcome == .moved(4))
        #expect(buffer.free == 0)
        #expect(buffer.fill { _ in .moved(1) } == .blocked)
        buffer.append(String(repeating: "x", count: 100))
        #expect(buffer.count == 20)
        withBytes(String(repeating: "y", count: 10_000)) { buffer.prepend($0) }
        #expect(buffer.count == 20 + 2048)
    }

    @Test func compacts() {
        let buffer = Buffer(capacity: 8)
        buffer.append("abcdefgh")
        buffer.consume(6)
        #expect(buffer.free == 0)
        buffer.compact()
        #expect(buffer.free == 6)
        #expect(buffer.text == "gh")
    }

    @Test func spellsNumbers() {
        let buffer = Buffer(capacity: 64)
        buffer.append(decimal: 0)
        buffer.append(" ")
        buffer.append(decimal: 1_234_567)
        buffer.append(" ")
        buffer.append(hexadecimal: 65535)
        buffer.append(" ")
        buffer.append(seconds: .microseconds(1_000_042))
        #expect(buffer.text == "0 1234567 ffff 1.000042")
    }

    @Test func boundsBigBuffers() {
        let pool = BufferPool()
        var held: [Buffer] = []
        var total = 0
        while let bigger = pool.grow(pool.take()) {
            held.append(bigger)
            total += bigger.capacity
        }
        #expect(total == Limits.oversizeHeads)
        pool.giveBack(held[0])
        #expect(pool.grow(pool.take()) != nil)
    }
}

@Suite struct WallClockTests {
    @Test(arguments: [
        (0, "1970/01/01 00:00:00 ", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "2000/02/29 00:00:00 ", "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_795_486_561, "2026/11/24 02:16:01 ", "Tue, 24 Nov 2026 02:16:01 GMT"),
        (4_107_542_399, "2100/02/28 23:59:59 ", "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "2100/03/01 00:00:00 ", "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "1969/12/31 23:59:59 ", "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func spellsDates(second: Int, log: String, http: String) {
        let spelled = WallClock.spell(second: second)
        #expect(String(decoding: spelled.log, as: UTF8.self) == log)
        #expect(String(decoding: spelled.http, as: UTF8.self) == http)
    }
}
