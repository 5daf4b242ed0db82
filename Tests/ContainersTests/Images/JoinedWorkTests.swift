import Testing

@testable import Containers

@Suite struct JoinedWorkTests {
    @Test func callersShareOneRun() async throws {
        let work = JoinedWork<String, Int>()
        let runs = Shared(0)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let callers = (0..<5).map { _ in
            Task {
                try await work.value(for: "a") {
                    runs.change { $0 += 1 }
                    for await _ in gate { break }
                    return 7
                }
            }
        }
        _ = try await eventually { runs.current == 1 ? true : nil }
        open.yield()
        // A caller who came after the end would wait for a second run.
        open.yield()
        open.yield()
        open.yield()
        open.yield()
        for caller in callers { #expect(try await caller.value == 7) }
        #expect(try await work.value(for: "a") { 8 } == 8)
    }

    @Test func oneWhoLeavesDoesNotEndIt() async throws {
        let work = JoinedWork<String, Int>()
        let started = Shared(0)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let run: @Sendable () async throws -> Int = {
            started.change { $0 += 1 }
            for await _ in gate { break }
            try Task.checkCancellation()
            return 7
        }
        let first = Task { try await work.value(for: "a", run) }
        _ = try await eventually { started.current == 1 ? true : nil }
        let second = Task { try await work.value(for: "a", run) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        open.yield()
        open.yield()
        #expect(try await second.value == 7)
    }

    @Test func theLastWhoLeavesEndsIt() async throws {
        let work = JoinedWork<String, Int>()
        let state = Shared((started: false, cancelled: false))
        let caller = Task {
            try await work.value(for: "a") {
                state.change { $0.started = true }
                defer { state.change { $0.cancelled = Task.isCancelled } }
                try await Task.sleep(for: .seconds(1000))
                return 7
            }
        }
        _ = try await eventually { state.current.started ? true : nil }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        _ = try await eventually { state.current.cancelled ? true : nil }
        #expect(try await work.value(for: "a") { 8 } == 8)
    }

    @Test func aFailureReachesAll() async throws {
        let work = JoinedWork<String, Int>()
        await #expect(throws: ContainersError.self) {
            try await work.value(for: "a") { throw ContainersError(.imageNotFound, "x") }
        }
        #expect(try await work.value(for: "b") { 1 } == 1)
    }
}
