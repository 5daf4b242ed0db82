import Foundation
import TestSupport
import Testing

/// Functions that files call.
@Suite(.serialized) struct DropFolderTests {
    /// A daemon with a drop folder of its own.
    private func withFolder(
        _ arguments: [String] = [], _ body: (AsyncFixture, _ folder: String) async throws -> Void
    ) async throws {
        let root = NSTemporaryDirectory() + "drop-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await AsyncFixture.with(["--drop-folder", root] + arguments) { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen", annotations: ["topic": "drop:in"])
            try await eventually("the folder is made") { FileManager.default.fileExists(atPath: root + "/in") }
            try await body(fixture, root + "/in")
        }
    }

    private func succeeded(_ fixture: AsyncFixture) async throws -> Int {
        try await fixture.calls(of: "seen").filter { $0["state"] as? String == "succeeded" }.count
    }

    @Test func aFileIsABody() async throws {
        try await withFolder { fixture, folder in
            try Data("moved\n".utf8).write(to: URL(fileURLWithPath: folder + "/../ready"))
            try FileManager.default.moveItem(atPath: folder + "/../ready", toPath: folder + "/a b\n.txt")
            try await Shell.must("sh", ["-c", "echo written > \(folder)/second"])
            try await eventually("both have run") { try await succeeded(fixture) == 2 }
            #expect(try await Set(fixture.seen("seen")) == ["moved", "written"])
            try await eventually("they are put aside") {
                try FileManager.default.contentsOfDirectory(atPath: folder + "/.done").sorted()
                    == ["a b\n.txt", "second"]
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") } == [])
            let trigger = try #require(try await fixture.triggers(of: "seen").first)
            #expect(trigger["source"] as? String == "drop" && trigger["delivered"] as? Int == 2, "\(trigger)")
        }
    }

    @Test func whatLiesThereAtTheStartIsTaken() async throws {
        try await withFolder(["--drop-keep", "0"]) { fixture, folder in
            try await fixture.daemon.end(signal: SIGKILL)
            for number in 0..<20 {
                try Data("file \(number)".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(number)"))
            }
            try await fixture.daemon.start()
            try await eventually("all have run", within: .seconds(40)) { try await succeeded(fixture) == 20 }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    @Test func hostileFilesAreNotRead() async throws {
        try await withFolder(["--async-max-body-bytes", "1000"]) { fixture, folder in
            let secret = folder + "/../secret"
            try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
            try FileManager.default.createSymbolicLink(atPath: folder + "/soft", withDestinationPath: secret)
            try FileManager.default.linkItem(atPath: secret, toPath: folder + "/hard")
            try await Shell.must("mkfifo", [folder + "/pipe"])
            try Data(count: 1001).write(to: URL(fileURLWithPath: folder + "/large"))
            try FileManager.default.createDirectory(atPath: folder + "/directory", withIntermediateDirectories: false)
            try Data("hidden".utf8).write(to: URL(fileURLWithPath: folder + "/.hidden"))
            // The last, so that all others were looked at when it has come.
            try Data("good".utf8).write(to: URL(fileURLWithPath: folder + "/zz"))
            try await eventually("the good one has run") { try await succeeded(fixture) >= 1 }
            let names = ["hard", "large", "pipe", "soft"]
            try await eventually("the others are put aside") {
                try FileManager.default.contentsOfDirectory(atPath: folder + "/.failed").sorted()
                    == names.flatMap { [$0, $0 + ".reason"] }
            }
            for (name, reason) in [
                ("soft", "symbolic link"), ("hard", "hard link"), ("pipe", "regular file"), ("large", "1001 bytes"),
            ] {
                let text = try String(contentsOfFile: "\(folder)/.failed/\(name).reason", encoding: .utf8)
                #expect(text.contains(reason), "\(name): \(text)")
            }
            let rest = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(rest == [".done", ".failed", ".hidden", "directory"])
            #expect(try await fixture.calls(of: "seen").count == 1)
            #expect(try await !fixture.seen("seen").contains("secret"))
        }
    }

    @Test func aFileIsTakenWhenItIsWhole() async throws {
        try await withFolder { fixture, folder in
            // Made and written in one: a file that is made, closed and opened again was whole in between.
            let descriptor = open(folder + "/slow", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            #expect(descriptor >= 0)
            let writer = FileHandle(fileDescriptor: descriptor)
            try writer.write(contentsOf: Data("first".utf8))
            // Another file makes the daemon look at the folder while the first is written.
            try await Shell.must("sh", ["-c", "echo other > \(folder)/other"])
            try await eventually("the other has run") { try await succeeded(fixture) >= 1 }
            #expect(FileManager.default.fileExists(atPath: folder + "/slow"))
            try writer.write(contentsOf: Data(" second\n".utf8))
            try writer.close()
            try await eventually("it has run") {
                try await fixture.seen("seen").contains("first second")
            }
        }
    }

    @Test func aFolderThatIsMadeAnewIsWatchedAgain() async throws {
        try await withFolder { fixture, folder in
            try FileManager.default.removeItem(atPath: folder)
            try await eventually("it is made again") { FileManager.default.fileExists(atPath: folder) }
            try await Shell.must("sh", ["-c", "printf again > \(folder)/file"])
            try await eventually("it has run") { try await succeeded(fixture) == 1 }
        }
    }
}
