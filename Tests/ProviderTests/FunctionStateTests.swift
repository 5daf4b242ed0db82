import OpenFaaSAPI
import Testing

@testable import Provider

struct FunctionStateTests {
    let name: FunctionName
    let now = ContinuousClock.now

    init() throws {
        name = try FunctionName("f")
    }

    private func state(replicas wanted: Int, generation: Int64 = 2) throws -> FunctionState {
        let spec = try FunctionSpec(validating: FunctionDeployment(service: "f", image: "alpine"))
        return FunctionState(
            accepted: FunctionRecord(spec: spec, generation: generation, replicas: wanted, createdAt: 0, updatedAt: 0))
    }

    private func add(_ id: String, _ generation: Int64, _ state: Replica.State, to function: inout FunctionState) {
        let record = ReplicaRecord(
            id: id, function: name, generation: generation, networkNamespace: id, address: nil, createdAt: 0,
            readiness: .port)
        function.replicas[id] = Replica(record: record, state: state)
    }

    private func ready(_ address: String) -> Replica.State { .ready(.init(address: address, pid: 1, since: now)) }

    @Test func startsWhatIsMissing() throws {
        var function = try state(replicas: 2)
        #expect(function.nextStep(now: now) == .start)
        add("a", 2, .creating, to: &function)
        #expect(function.nextStep(now: now) == .start)
        add("b", 2, .starting(address: "10.0.0.2", pid: 2), to: &function)
        #expect(function.nextStep(now: now) == nil)
    }

    @Test func unclaimedReplicasAreNotReplaced() throws {
        var function = try state(replicas: 1)
        add("a", 2, .unclaimed, to: &function)
        #expect(function.nextStep(now: now) == nil)
    }

    @Test func oldReplicasServeUntilTheNewOnesDo() throws {
        var function = try state(replicas: 1)
        add("old", 1, ready("10.0.0.1"), to: &function)
        #expect(function.nextStep(now: now) == .start)
        add("new", 2, .starting(address: "10.0.0.2", pid: 2), to: &function)
        #expect(function.nextStep(now: now) == nil)
        #expect(function.callable.map(\.id) == ["old"])
        add("new", 2, ready("10.0.0.2"), to: &function)
        #expect(function.callable.map(\.id) == ["new"])
        #expect(function.nextStep(now: now) == .retire(["old"]))
    }

    @Test func aReplicaThatIsOnlyTriedTakesNoCalls() throws {
        var function = try state(replicas: 1)
        add("old", 2, ready("10.0.0.1"), to: &function)
        add("tried", 3, ready("10.0.0.2"), to: &function)
        #expect(function.callable.map(\.id) == ["old"])
    }

    @Test func aReplicaWhoseProcessEndedTakesNoCallsAtOnce() throws {
        var function = try state(replicas: 2)
        add("a", 2, ready("10.0.0.1"), to: &function)
        add("b", 2, ready("10.0.0.2"), to: &function)
        function.replicas["a"]?.hasEnded = true
        #expect(function.callable.map(\.id) == ["b"])
        function.replicas["b"]?.hasEnded = true
        #expect(function.availability(now: now) == .starting)
        // Another is started when the lane has removed it, not before.
        #expect(function.nextStep(now: now) == nil)
    }

    @Test func scalingDownTakesTheUnreadyFirst() throws {
        var function = try state(replicas: 1)
        add("a", 2, ready("10.0.0.1"), to: &function)
        add("b", 2, .starting(address: "10.0.0.2", pid: 2), to: &function)
        #expect(function.nextStep(now: now) == .retire(["b"]))
    }

    @Test func aDeletedFunctionLosesAllReplicas() throws {
        var function = try state(replicas: 1)
        add("a", 2, ready("10.0.0.1"), to: &function)
        add("b", 2, .retiring, to: &function)
        function.accepted = nil
        #expect(function.nextStep(now: now) == .retire(["a"]))
        #expect(function.availability(now: now) == nil)
        #expect(function.isGone == false)
    }

    @Test func aCrashLoopWaitsAndSaysSo() throws {
        var function = try state(replicas: 1)
        #expect(function.availability(now: now) == .starting)
        for _ in 1...4 { function.backoff.replicaEnded(served: .zero, reason: "exit code 1", now: now) }
        #expect(function.nextStep(now: now) == .wait(until: now + .seconds(4)))
        guard case .unavailable(let reason) = function.availability(now: now) else {
            Issue.record("a crash loop should be unavailable")
            return
        }
        #expect(reason.hasPrefix("exit code 1"))
        #expect(function.nextStep(now: now + .seconds(4)) == .start)
    }
}

struct RestartBackoffTests {
    @Test func growsToAMinute() {
        let now = ContinuousClock.now
        var backoff = RestartBackoff()
        #expect(backoff.allowsStart(now: now))
        var waits: [Duration] = []
        for _ in 1...9 {
            backoff.replicaEnded(served: .zero, reason: "x", now: now)
            waits.append(backoff.retryAt.map { now.duration(to: $0) } ?? .zero)
        }
        #expect(waits == [0, 1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
    }

    @Test func aSettledReplicaClearsTheRecord() {
        let now = ContinuousClock.now
        var backoff = RestartBackoff()
        for _ in 1...5 { backoff.replicaEnded(served: .zero, reason: "x", now: now) }
        backoff.replicaEnded(served: .seconds(11), reason: "x", now: now)
        #expect(backoff.allowsStart(now: now))
        #expect(backoff.failures == 1)
    }

    @Test func aHugeCountDoesNotOverflow() {
        #expect(RestartBackoff.wait(afterFailures: .max) == .seconds(60))
    }
}
