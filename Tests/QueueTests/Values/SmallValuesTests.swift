import OpenFaaSAPI
import Testing

@testable import Queue

struct SmallValuesTests {
    @Test func fieldsReadBackAsTheyWere() {
        let fields = [
            HeaderField("Accept", "a: b, c"), HeaderField("X-Empty", ""), HeaderField("accept", "é\tü"),
        ]
        #expect(HeaderText.read(HeaderText.write(fields)) == fields)
        #expect(HeaderText.read("") == [])
    }

    private func shares(
        _ capacity: LeaseCapacity, due: [String: Int], first: Int = 0
    ) -> [String: Int] {
        let backlogs = due.keys.sorted().map { Backlog(queue: $0 == "q" ? "slow" : "usual", function: Calls.name($0)) }
        var shares = LeaseShares(capacity, among: backlogs, first: first)
        var left = due
        var taken: [String: Int] = [:]
        while let (backlog, limit) = shares.next() {
            let count = min(limit, left[backlog.function.name] ?? 0)
            left[backlog.function.name]? -= count
            taken[backlog.function.name, default: 0] += count
            shares.took(count, of: backlog)
        }
        return taken.filter { $0.value > 0 }
    }

    @Test func aBusyFunctionDoesNotStarveOthers() {
        #expect(shares(LeaseCapacity(total: 9), due: ["a": 1000, "b": 1, "c": 1000]) == ["a": 5, "b": 1, "c": 3])
        #expect(shares(LeaseCapacity(total: 1), due: ["a": 9, "b": 9], first: 1) == ["b": 1])
        #expect(shares(LeaseCapacity(total: 8), due: ["a": 9]) == ["a": 8])
        #expect(shares(LeaseCapacity(total: 8), due: [:]) == [:])
    }

    @Test func limitsOfFunctionsAndQueuesHold() {
        var capacity = LeaseCapacity(total: 10)
        capacity.functions[Calls.name("a")] = 2
        capacity.queues["slow"] = 1
        #expect(shares(capacity, due: ["a": 9, "b": 9, "q": 9]) == ["a": 2, "b": 7, "q": 1])
        capacity.functions[Calls.name("a")] = -1
        #expect(shares(capacity, due: ["a": 9]) == [:])
    }

    @Test func whatRunsIsTakenOffWhatMayRun() {
        var inFlight = InFlight(concurrency: 4, queueConcurrency: ["slow": 2], callbackConcurrency: 1)
        let backlog = Backlog(queue: "slow", function: Calls.function)
        inFlight.began(backlog)
        let capacity = inFlight.capacity([Calls.function: 3])
        #expect(capacity.total == 3 && capacity.queues == ["slow": 1] && capacity.functions == [Calls.function: 2])
        let isFree = inFlight.answered(backlog)
        #expect(isFree && inFlight.count == 0 && inFlight.capacity([:]).total == 4)
    }

    @Test func callsHoldTheirPlacesWhenTooManyEndsAreNotWritten() {
        var inFlight = InFlight(concurrency: 2, queueConcurrency: [:], callbackConcurrency: 1)
        let backlog = Backlog(queue: "q", function: Calls.function)
        for _ in 0..<2 {
            inFlight.began(backlog)
            let isFree = inFlight.answered(backlog)
            #expect(isFree)
        }
        inFlight.began(backlog)
        let third = inFlight.answered(backlog)
        #expect(!third && inFlight.count == 1)
        inFlight.written(backlog, wasFree: true)
        inFlight.written(backlog, wasFree: false)
        #expect(inFlight.count == 0 && inFlight.capacity([:]).total == 2)
        inFlight.began(backlog)
        let fourth = inFlight.answered(backlog)
        #expect(fourth)
    }
}
