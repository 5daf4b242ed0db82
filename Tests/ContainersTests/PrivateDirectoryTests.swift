import Testing

@testable import Containers

/// Files of calls that were not finished.
struct PrivateDirectoryTests {
    @Test func leftoversGoAndOtherFoldersStay() async throws {
        try await TemporaryDirectory.with { directory in
            let call = try PrivateDirectory(in: directory.path)
            try SmallFile.write("SECRET=1", to: call.path + "/env")
            try directory.write("x", to: "other/file")
            PrivateDirectory.removeLeftovers(in: directory.path)
            #expect(directory.names() == ["other"])
            PrivateDirectory.removeLeftovers(in: directory.path + "/absent")
        }
    }
}
