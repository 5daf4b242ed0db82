import Testing

@testable import Containers

@Suite struct ConcurrencyLimitTests {
    @Test func neverMoreThanTheLimit() async throws {
        let limit = ConcurrencyLimit(3)
        let state = Shared((now: 0, most: 0, done: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await limit.run {
                        state.change {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        await Task.yield()
                        state.change {
                            $0.now -= 1
                            $0.done += 1
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(state.current.done == 100)
        #expect((1...3).contains(state.current.most))
    }

    @Test func aCancelledWaiterLeavesAndTheOthersGoOn() async throws {
        let limit = ConcurrencyLimit(1)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await limit.run { for await _ in gate { break } }
        }
        let waiter = Task { try await limit.run {} }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        open.yield()
        try await holder.value
        try await limit.run {}
    }

    @Test func aFailureGivesThePlaceBack() async throws {
        let limit = ConcurrencyLimit(1)
        for _ in 0..<3 {
            await #expect(throws: ContainersError.self) {
                try await limit.run { throw ContainersError(.internalError, "x") }
            }
        }
        try await limit.run {}
    }
}
