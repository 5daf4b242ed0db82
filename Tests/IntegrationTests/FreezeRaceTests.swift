import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Calls come at the very moment of freezing.
@Suite(.serialized) struct FreezeRaceTests {
    /// More than the watchdog has connections for, with containerd's 1024 open files.
    private static let calls = 200

    @Test func everyCallIsAnsweredExactlyOnce() async throws {
        let rounds = try Repetitions.count("FAASD_TEST_FREEZES", short: 12)
        var random = try SeededGenerator()
        print("FAASD_TEST_SEED=\(random.seed)")
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            // It says what it was asked, and writes it down.
            let function = try await RestingFunction(on: daemon, process: "tee -a /tmp/calls")
            let id = try #require(try await function.replicas(.ready).first)
            for round in 0..<rounds {
                let volley = try Volley(on: daemon, count: Self.calls)
                let offset = Duration.microseconds(Int.random(in: 0...60_000, using: &random))
                async let scaled: Void = function.scale(to: 0)
                // Not a wait for something: the moment is what the test is about.
                try await Task.sleep(for: offset)
                let answers = await volley.fire("/function/f") { "\(round)-\($0)\n" }
                try await scaled
                let wrong = answers.enumerated().filter { $1.status != 200 || $1.body != "\(round)-\($0)\n" }
                try #require(wrong.isEmpty, "round \(round), offset \(offset): \(wrong.first.map { "\($0)" } ?? "")")
            }
            _ = try await function.call("end\n")
            #expect(try await function.replicas(.ready) == [id])
            let written = try await daemon.ctr("tasks", "exec", "--exec-id", "look", id, "cat", "/tmp/calls")
            let lines = written.split(separator: "\n").map(String.init).filter { $0 != "end" }
            let expected = (0..<rounds).flatMap { round in (0..<Self.calls).map { "\(round)-\($0)" } }
            #expect(lines.sorted() == expected.sorted())
            Repetitions.report("\(rounds) freezes with \(Self.calls) calls each, all answered once")
        }
    }

    /// Whoever has its answer and then scales to zero means it, however late the provider learns of the call.
    @Test func zeroAfterACallIsZero() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let function = try await RestingFunction(on: daemon)
            let admin = try daemon.admin()
            let zero = [
                "--next", "-sS", "--max-time", "60", "-u", try #require(admin.credentials),
                "--data", #"{"serviceName":"f","replicas":0}"#,
            ]
            try await function.freeze()
            for _ in 0..<20 {
                // Over one connection: a client that is started for it would be too slow.
                let answer = try await admin(
                    "POST", "/system/scale-function/f", body: "hello", options: [admin.base + "/function/f"] + zero)
                #expect(answer.status == 200 && answer.body.hasPrefix("hello"))
                _ = try await function.frozen()
            }
        }
    }

    @Test func manyFunctionsRestAndEachAnswersAtOnce() async throws {
        let count = try Repetitions.count("FAASD_TEST_FROZEN", short: 20)
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            var functions: [RestingFunction] = []
            for number in 0..<count {
                functions.append(try await RestingFunction(on: daemon, name: "f\(number)"))
            }
            for function in functions { try await function.scale(to: 0) }
            for function in functions { _ = try await function.frozen() }
            var seconds: [Double] = []
            for (number, function) in functions.enumerated() {
                #expect(try await function.call("\(number)").body == "\(number)")
                // The call was answered before the provider knew of it.
                try await eventually("how long f\(number) took to wake is known") {
                    guard let time = try await function.status.wakeTimes?.frozen else { return false }
                    seconds.append(time)
                    return true
                }
            }
            seconds.sort()
            let figures = [seconds[count / 2], seconds[count * 99 / 100]].map { String(format: "%.2f ms", $0 * 1000) }
            Repetitions.report("\(count) functions frozen; woken in \(figures[0]) (p50), \(figures[1]) (p99)")
        }
    }
}
