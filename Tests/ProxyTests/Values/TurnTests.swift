import NIOCore
import Testing

@testable import Proxy

@Suite struct TurnTests {
    @Test func onlyTheSlowSidesLimitCounts() {
        for whole in [true, false] {
            for takes in [true, false] {
                #expect(CallTurn(requestIsWhole: whole, replicaTakes: takes, clientTakes: false) == .clientTakes)
            }
        }
        #expect(CallTurn(requestIsWhole: false, replicaTakes: true, clientTakes: true) == .clientSends)
        #expect(CallTurn(requestIsWhole: false, replicaTakes: false, clientTakes: true) == .replica)
        #expect(CallTurn(requestIsWhole: true, replicaTakes: true, clientTakes: true) == .replica)
    }

    @Test func watchTellsSlowFromStopped() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let limit = TimeAmount.seconds(8)
        var watch = DrainWatch(now: start - .seconds(1))
        func look(_ pending: Int, _ confirmed: UInt64, at second: Int64) -> Bool {
            watch.look(
                SentMark(pending: pending, confirmed: confirmed), now: start + .seconds(second), limit: limit)
        }
        #expect(watch.nextLook(start - .seconds(1), limit: limit) == start)
        // The first look only takes the measure.
        #expect(look(100, 5, at: 0))
        #expect(watch.nextLook(start, limit: limit) == start + .seconds(1))
        #expect(watch.nextLook(start + .milliseconds(7500), limit: limit) == start + limit)
        #expect(look(100, 5, at: 7))
        // Confirmed bytes count, and so do pending ones that became fewer, but not those that became more.
        #expect(look(300, 6, at: 7))
        #expect(look(299, 6, at: 14))
        #expect(look(400, 6, at: 21))
        #expect(!look(400, 6, at: 22))
        // Looking is never put off for less than a tick.
        #expect(watch.nextLook(start, limit: .milliseconds(400)) == start + LoopSettings.tick)
    }

    @Test func limitNamesAreThoseOfTheContract() {
        #expect(
            Limit.allCases.map { "\($0.name) \($0.status)" } == [
                "target-bytes 414", "head-bytes 431", "head-fields 431", "head-timeout 408", "body-bytes 413",
                "read-timeout 408", "upstream-timeout 504", "connect-timeout 502", "waiting-timeout 503",
                "waiting-calls 503", "write-timeout 499", "tunnel-timeout 101",
            ])
    }
}
