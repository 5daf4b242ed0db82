import Glibc
import Logging
import Testing

@testable import Containers

@Suite struct DaemonSocketTests {
    @Test func nobody() async throws {
        #expect(!DaemonSocket(path: "/nonexistent/x.sock").isListening)
        #expect(!DaemonSocket(path: String(repeating: "x", count: 200)).isListening)
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner()
            let ctr = Ctr(
                settings: CtrSettings(address: directory.path + "/c.sock", privateDirectory: directory.path),
                runner: runner, logger: Logger(label: "test"))
            let error = await #expect(throws: ContainersError.self) { try await ctr.version() }
            #expect(error?.code == .unavailable)
            #expect(runner.calls.isEmpty)
        }
    }
}
