import Testing

@testable import Containers

/// The files of names that are no more.
struct LogSweeperTests {
    @Test func onlyNamesThatAreNoMoreGo() async throws {
        try await TemporaryDirectory.with { directory in
            for name in ["one/kept/a.log", "one/gone/a.log", "one/gone/a.log.1", "two/gone/a.log"] {
                try directory.write("x", to: name)
            }
            LogSweeper.sweep(directory: directory.path, namespace: "one", keeping: ["kept", "new"])
            #expect(directory.names("one") == ["kept"])
            #expect(directory.names("two/gone") == ["a.log"])
        }
    }

    @Test func aNamespaceThatIsAPathIsPassedOver() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("x", to: "kept/folder/file")
            try directory.write("x", to: "logs/one/a/a.log")
            for namespace in ["..", "../kept", "", "."] {
                LogSweeper.sweep(directory: directory.path + "/logs", namespace: namespace, keeping: [])
            }
            #expect(directory.names("kept/folder") == ["file"])
            #expect(directory.names("logs/one/a") == ["a.log"])
        }
    }
}
