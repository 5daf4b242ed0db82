import Testing

@testable import Containers

@Suite struct NetworkNamespaceTests {
    @Test(arguments: ["", "..", "a/b", "-a", "a b", "a\n", String(repeating: "a", count: 77)])
    func badNames(name: String) {
        let error = #expect(throws: ContainersError.self) { try NetworkNamespace(name) }
        #expect(error?.code == .invalidArgument)
    }

    @Test func failuresAreTyped() async throws {
        let runner = RecordingRunner { _ in CommandResult(status: .exited(1), error: "no\n") }
        let namespace = try NetworkNamespace("containers-test-absent")
        let error = await #expect(throws: ContainersError.self) {
            try await NetworkNamespaces(runner: runner).create(namespace)
        }
        #expect(error?.code == .networkFailed)
        #expect(runner.calls.map(\.arguments) == [["netns", "add", "containers-test-absent"]])
        try await NetworkNamespaces(runner: runner).delete(namespace)
        #expect(runner.calls.count == 1)
    }
}
