import Foundation
import Testing

@testable import CLI

/// What a saved file sets off.
@Suite(.timeLimit(.minutes(1))) struct FolderWatchTests {
    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test func savingIsNoticedByTheNameOfItsTarget() async throws {
        try await ScratchFolder.with { directory in
            for name in ["a", "b/deep"] { try LocalFile.makeDirectory(directory + "/" + name) }
            try write("1", directory + "/stack.yaml")
            var watch = try FolderWatch([
                .init(name: "a", path: directory + "/a"), .init(name: "b", path: directory + "/b"),
                .init(name: "", path: directory + "/stack.yaml"),
            ])
            try write("x", directory + "/a/handler.py")
            #expect(try await watch.nextChange() == ["a"])
            try write("y", directory + "/b/deep/file")
            // What editors and interpreters write is nobody's change.
            try write("z", directory + "/a/.handler.py.swp")
            try LocalFile.makeDirectory(directory + "/a/__pycache__")
            #expect(try await watch.nextChange() == ["b"])
            // As editors save: another file in its place.
            try LocalFile.write(Array("2".utf8), to: directory + "/stack.yaml", mode: 0o644)
            #expect(try await watch.nextChange() == [""])
            // A folder that was not there before.
            try LocalFile.makeDirectory(directory + "/a/new")
            #expect(try await watch.nextChange() == ["a"])
            try write("w", directory + "/a/new/file")
            #expect(try await watch.nextChange() == ["a"])
            try FileManager.default.removeItem(atPath: directory + "/a/handler.py")
            #expect(try await watch.nextChange() == ["a"])
        }
    }

    @Test func waitingEndsWithItsTask() async throws {
        try await ScratchFolder.with { directory in
            let task = Task {
                var watch = try FolderWatch([.init(name: "a", path: directory)])
                return try await watch.nextChange()
            }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func filesKeepTheirNamesInSentences() {
        #expect(FunctionCLI.sentence("stack.yaml:3: x is wrong") == "stack.yaml:3: x is wrong")
        #expect(FunctionCLI.sentence("./a is wrong") == "./a is wrong")
        #expect(FunctionCLI.sentence("cannot read x") == "Cannot read x")
        #expect(FunctionCLI.sentence("gateway: no") == "Gateway: no")
    }
}
