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

    @Test func lowPorts() async throws {
        let runner = RecordingRunner()
        let namespace = try NetworkNamespace("containers-test-absent")
        try await NetworkNamespaces(runner: runner).create(namespace, unprivilegedPortStart: 80)
        let last = try #require(runner.calls.last)
        #expect(
            last.arguments == [
                "--net=/run/netns/containers-test-absent", "tee", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
            ])
        #expect(last.input == .bytes(Array("80\n".utf8)))
        for port in [-1, 65536] {
            let error = await #expect(throws: ContainersError.self) {
                try await NetworkNamespaces(runner: runner).create(namespace, unprivilegedPortStart: port)
            }
            #expect(error?.code == .invalidArgument)
        }
    }
}
