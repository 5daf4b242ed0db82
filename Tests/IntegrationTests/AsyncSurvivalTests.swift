import Foundation
import Synchronization
import TestSupport
import Testing

/// Calls that several clients send, and what they were promised.
private final class Tally: Sendable {
    let total: Int
    private let next = Mutex(0)
    private let promised = Mutex<Set<String>>([])

    init(total: Int) {
        self.total = total
    }

    var sent: Int { next.withLock { $0 } }
    var accepted: Set<String> { promised.withLock { $0 } }

    /// One client: sends until all are sent. One that is not answered is not sent again.
    func sendAll(to daemon: Daemon) async throws {
        while true {
            let number = next.withLock { next in
                next += 1
                return next
            }
            guard number <= total else { return }
            let name = "call-\(number)"
            let answer = try await daemon.curl("POST", "/async-function/seen", body: name + "\n")
            if answer.status == 202 { promised.withLock { _ = $0.insert(name) } }
        }
    }
}

/// What was answered 202 runs, whatever happens.
@Suite(.serialized) struct AsyncSurvivalTests {
    @Test func everyAcceptedCallRunsThoughTheDaemonIsKilled() async throws {
        let tally = Tally(total: 500)
        try await AsyncFixture.with(["--async-concurrency", "4"]) { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen")
            let daemon = fixture.daemon
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await tally.sendAll(to: daemon) } }
                for threshold in [tally.total / 3, tally.total * 2 / 3] {
                    try await eventually("\(threshold) calls were sent", within: .seconds(60)) {
                        tally.sent >= threshold
                    }
                    try await daemon.end(signal: SIGKILL)
                    try await daemon.start()
                }
                try await group.waitForAll()
            }
            let promised = tally.accepted
            var seen: [String] = []
            try await eventually("every accepted call has run", within: .seconds(60)) {
                seen = try await fixture.seen("seen")
                return promised.isSubset(of: seen)
            }
            Repetitions.report(
                "\(promised.count) of \(tally.total) calls accepted, \(seen.count - Set(seen).count) ran twice, "
                    + "\(Set(seen).subtracting(promised).count) ran without an answer, through two kills")
            #expect(promised.count > tally.total / 2)
        }
    }

    @Test func callsGoOnAfterAnOrderlyEnd() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen", annotations: ["com.openfaas.async.concurrency": "1"])
            for number in 0..<30 { _ = try await fixture.call("seen", body: "call-\(number)\n") }
            try await fixture.daemon.end(signal: SIGTERM)
            try await fixture.daemon.start()
            try await eventually("all have run") { try await Set(fixture.seen("seen")).count == 30 }
        }
    }

    @Test func aFullDiskRefusesCallsAndNothingIsLost() async throws {
        try await AsyncFixture.with(dataSize: "12m") { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen")
            let first = try await fixture.call("seen", body: "first\n")
            try await fixture.eventually(first, is: "succeeded")
            try await fixture.daemon.fillDisk()
            let large = String(repeating: "x", count: 500_000)
            var refused: Curl.Answer?
            for _ in 0..<40 where refused == nil {
                let answer = try await fixture.daemon.curl("POST", "/async-function/seen", body: large)
                if answer.status != 202 { refused = answer }
            }
            let refusal = try #require(refused)
            #expect(refusal.status == 503 && refusal.headers["retry-after"] != nil, "\(refusal)")
            #expect(refusal.body.contains("disk is full"), "\(refusal.body)")
            fixture.daemon.emptyDisk()
            let last = try await fixture.call("seen", body: "last\n")
            try await fixture.eventually(last, is: "succeeded")
            #expect(try await fixture.seen("seen").contains("last"))
        }
    }

    @Test func aGatewayBeforeAProviderHasAQueueToo() async throws {
        try await AsyncFixture.with(setup: .split) { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen")
            let id = try await fixture.call("seen", body: "one\n")
            try await fixture.eventually(id, is: "succeeded")
            #expect(try await fixture.seen("seen") == ["one"])
            #expect(try await fixture.daemon.providerCurl("POST", "/async-function/seen", body: "x").status == 404)
        }
    }
}
