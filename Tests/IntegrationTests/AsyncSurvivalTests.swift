import Foundation
import Synchronization
import TestSupport
import Testing

/// Calls that several clients send, and what they were promised.
private final class Tally: Sendable {
    private struct State {
        var sent = 0
        var accepted: Set<String> = []
        var isOver = false
    }

    private let state = Mutex(State())

    var sent: Int { state.withLock { $0.sent } }
    var accepted: Set<String> { state.withLock { $0.accepted } }

    /// Lets the clients end.
    func end() {
        state.withLock { $0.isOver = true }
    }

    /// One client: sends until the end. What is not answered is not sent again.
    func sendAll(to daemon: Daemon) async throws {
        while let name = next() {
            let answer = try await daemon.curl("POST", "/async-function/seen", body: name + "\n")
            if answer.status == 202 { state.withLock { _ = $0.accepted.insert(name) } }
        }
    }

    private func next() -> String? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.sent += 1
            return "call-\(state.sent)"
        }
    }
}

/// What was answered 202 runs, whatever happens.
@Suite(.serialized) struct AsyncSurvivalTests {
    /// What keeps the calls.
    enum Store: String, CaseIterable, Sendable {
        case sqlite
        case nats
    }

    @Test(arguments: Store.allCases) func everyAcceptedCallRunsThoughTheDaemonIsKilled(store: Store) async throws {
        let limit = ["--async-concurrency", "4"]
        switch store {
        case .sqlite:
            try await AsyncFixture.with(limit) { try await killAgainAndAgain($0, store) }
        case .nats:
            try await NATSProcess.with { server in
                try await AsyncFixture.with(limit + ["--async-store", "nats", "--nats-url", server.url]) {
                    try await killAgainAndAgain($0, store)
                }
            }
        }
    }

    private func killAgainAndAgain(_ fixture: AsyncFixture, _ store: Store) async throws {
        let kills = try Repetitions.count("FAASD_TEST_ASYNC_KILLS", short: 3)
        var random = try SeededGenerator()
        print("FAASD_TEST_SEED=\(random.seed)")
        let tally = Tally()
        try await fixture.deploy("seen", "tee -a /tmp/seen")
        let daemon = fixture.daemon
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { try await tally.sendAll(to: daemon) } }
            for _ in 0..<kills {
                let before = tally.accepted.count
                try await eventually("calls are accepted", within: .seconds(60)) {
                    tally.accepted.count >= before + 10
                }
                // Not a wait for something: the moment is what the test is about.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1000, using: &random)))
                try await daemon.end(signal: SIGKILL)
                try await daemon.start()
            }
            tally.end()
            try await group.waitForAll()
        }
        let promised = tally.accepted
        var seen: [String] = []
        // With NATS, what was under way in a kill is given out again after half a minute.
        try await eventually("every accepted call has run", within: .seconds(180)) {
            seen = try await fixture.seen("seen")
            return promised.isSubset(of: seen)
        }
        let repeated = seen.count - Set(seen).count
        Repetitions.report(
            "\(store.rawValue): \(kills) kills, \(promised.count) of \(tally.sent) calls accepted, 0 lost, "
                + "\(repeated) ran twice, \(Set(seen).subtracting(promised).count) ran without an answer")
        // Only those run again that were under way in a kill or answered and not yet written, four and four.
        #expect(repeated <= kills * 8)
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
