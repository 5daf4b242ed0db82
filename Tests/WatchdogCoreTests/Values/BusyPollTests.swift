import Testing

@testable import WatchdogCore

@Suite struct BusyPollTests {
    private let span = TimeSpan.microseconds(50)

    /// `#expect` cannot call what changes a value.
    private func looks(_ poll: inout BusyPoll, for awaited: BusyPoll.Awaited) -> Bool { poll.looks(for: awaited) }

    @Test func looksAsLongAsItHelps() {
        var poll = BusyPoll(span: span)
        for _ in 0..<1000 {
            #expect(looks(&poll, for: .function))
            poll.looked(for: .function, hasFound: true)
        }
        var off = BusyPoll(span: .zero)
        #expect(!looks(&off, for: .function))
        #expect(!looks(&off, for: .clients))
    }

    @Test func looksEverLessWhenItIsInVain() {
        var poll = BusyPoll(span: span)
        var count = 0
        for _ in 0..<10_000 where poll.looks(for: .clients) {
            count += 1
            poll.looked(for: .clients, hasFound: false)
        }
        #expect(count < 10_000 / Limits.busyPollPenalty + 10)
        // And starts again with the first success.
        while !poll.looks(for: .clients) {}
        poll.looked(for: .clients, hasFound: true)
        #expect(looks(&poll, for: .clients))
    }

    @Test func learnsOfFunctionAndClientsApart() {
        var poll = BusyPoll(span: span)
        for _ in 0..<100 {
            #expect(looks(&poll, for: .function))
            poll.looked(for: .function, hasFound: true)
            if poll.looks(for: .clients) { poll.looked(for: .clients, hasFound: false) }
        }
    }

    @Test func leavesMachinesWithMuchToDoAlone() {
        #expect(BusyPoll.Awaited(calls: 0) == .clients)
        #expect(BusyPoll.Awaited(calls: 1) == .function)
        #expect(BusyPoll.Awaited(calls: Limits.busyPollCalls + 1) == nil)
    }
}
