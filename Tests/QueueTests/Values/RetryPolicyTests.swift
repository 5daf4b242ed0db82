import Foundation
import OpenFaaSAPI
import Testing

@testable import Queue

struct RetryPolicyTests {
    private func decide(
        _ outcome: SendOutcome, attempt: Int = 1, random: Double = 0, _ change: (inout AsyncSettings) -> Void = { _ in }
    ) -> RetryPolicy.Decision {
        var settings = AsyncSettings()
        change(&settings)
        return RetryPolicy(settings).decide(outcome, attempt: attempt, now: 1_000_000_000, random: random)
    }

    private func wait(_ decision: RetryPolicy.Decision) -> Duration? {
        if case .retry(let wait, _) = decision { wait } else { nil }
    }

    @Test func whatAFunctionAnswersDecides() {
        for status in [200, 204, 302, 399] {
            #expect(decide(.answered(CallAnswer(status: status))) == .succeed)
        }
        for status in [400, 401, 404, 413, 501] {
            #expect(
                decide(.answered(CallAnswer(status: status))) == .die(reason: "the function answered \(status)"))
        }
        for status in [408, 429, 500, 502, 503, 504] {
            #expect(wait(decide(.answered(CallAnswer(status: status)))) == .seconds(10))
        }
    }

    @Test func codesOfTheFunctionsOwnCount() {
        let own: (inout AsyncSettings) -> Void = { $0.codes = [418] }
        #expect(wait(decide(.answered(CallAnswer(status: 418)), own)) != nil)
        #expect(decide(.answered(CallAnswer(status: 500)), own) == .die(reason: "the function answered 500"))
        // What the platform could not do is tried again whatever the function says.
        #expect(wait(decide(.answered(CallAnswer(status: 501, isInternal: true)), own)) != nil)
        #expect(wait(decide(.failed("refused"), own)) != nil)
    }

    @Test func aGoneFunctionAndAnInterruption() {
        #expect(decide(.functionGone("gone")) == .die(reason: "gone"))
        #expect(decide(.interrupted, attempt: 99) == .release)
    }

    @Test func waitsDoubleUpToTheLongest() {
        let waits = (1...6).map { wait(decide(.failed("x"), attempt: $0)) }
        #expect(waits == [10, 20, 40, 80, 120, 120].map { .seconds($0) })
        #expect(wait(decide(.failed("x"), attempt: 1, random: 1)) == .seconds(12.5))
        #expect(wait(decide(.failed("x"), attempt: 900) { $0.attempts = 1000 }) == .seconds(120))
        #expect(wait(decide(.failed("x")) { $0.minimumWait = .zero }) == .zero)
    }

    @Test func attemptsEnd() {
        #expect(decide(.failed("x"), attempt: 10) == .die(reason: "x; it was sent 10 times"))
        #expect(decide(.failed("x")) { $0.attempts = 1 } == .die(reason: "x"))
    }

    @Test func aFunctionMayAskForAWait() {
        func asked(_ text: String, status: Int = 429) -> Duration? {
            wait(decide(.answered(CallAnswer(status: status, headers: [HeaderField("retry-after", text)]))))
        }
        #expect(asked("30") == .seconds(30))
        #expect(asked("30", status: 500) == .seconds(10))
        // Not below the shortest, not beyond an hour.
        #expect(asked("1") == .seconds(10))
        #expect(asked("99999999") == .seconds(3600))
        #expect(asked("soon") == .seconds(10))
        #expect(asked("Sun, 09 Sep 2001 01:47:10 GMT", status: 503) == .seconds(30))
        #expect(asked("Sun, 09 Sep 2001 01:00:00 GMT") == .seconds(10))
    }

    @Test func datesAreRead() {
        #expect(HTTPDate.seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.seconds("Thu, 29 Feb 2024 23:59:59 GMT") == 1_709_251_199)
        for text in [
            "", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        ] {
            #expect(HTTPDate.seconds(text) == nil)
        }
    }
}
