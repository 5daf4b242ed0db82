import Foundation
import Logging
import OpenFaaSAPI
import Testing

@testable import Queue

/// A drop folder beside a queue.
private struct DropFixture {
    let queue: CallQueue
    let root: String

    var folder: String { root + "/in" }

    static func with(
        limits: QueueLimits = QueueLimits(), _ body: (DropFixture) async throws -> Void
    ) async throws {
        try await StoreFixture.withFile(limits) { store, _, path in
            let root = (path as NSString).deletingLastPathComponent + "/drop"
            try FileManager.default.createDirectory(atPath: root + "/in", withIntermediateDirectories: true)
            try await body(DropFixture(queue: CallQueue(store: store), root: root))
        }
    }

    /// Runs a source around a body; each is one life of the daemon.
    func life(
        keep: Duration = .seconds(3600), functions: [String] = ["f"], _ body: (TriggerDesk) async throws -> Void
    ) async throws {
        let logger = Logger(label: "drop") { _ in SwiftLogNoOpLogHandler() }
        let source = DropSource(root: root, maximumBytes: 1000, keep: keep, logger: logger)
        let desk = TriggerDesk(queue: queue, sources: [source], logger: logger)
        desk.adopt(functions.map { Self.subscription($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            try await body(desk)
            group.cancelAll()
        }
    }

    static func subscription(_ name: String) -> TriggerSubscription {
        var settings = TriggerSettings()
        settings.topics = ["drop:in"]
        return TriggerSubscription(function: Calls.name(name), identity: "1", queue: "q", settings: settings)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    func names(_ below: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder + below).sorted()
    }

    func calls() async throws -> [CallRecord] { try await queue.list(CallFilter()).reversed() }
}

struct DropSourceTests {
    @Test func filesBecomeCallsOfAllFunctionsAndArePutAside() async throws {
        try await DropFixture.with { fixture in
            try fixture.write("one", to: "first")
            try await fixture.life(functions: ["f", "g"]) { _ in
                try await eventually("what lay there is taken") { try await fixture.calls().count == 2 }
                try fixture.write("two", to: "second")
                try await eventually("what came is taken") { try await fixture.calls().count == 4 }
                try await eventually("both are put aside") {
                    try fixture.names() == [".done"] && fixture.names("/.done") == ["first", "second"]
                }
            }
        }
    }

    @Test func nothingIsKeptAsideWhereThatIsNotWanted() async throws {
        try await DropFixture.with { fixture in
            try fixture.write("one", to: "first")
            try await fixture.life(keep: .zero) { _ in
                try await eventually("it is gone") { try fixture.names().isEmpty }
            }
            #expect(try await fixture.calls().count == 1)
        }
    }

    /// The daemon is killed after the call has come into the queue and before the file is put aside.
    @Test func aFileIsOneCallThoughItIsFoundTwice() async throws {
        try await DropFixture.with { fixture in
            try fixture.write("one", to: "first")
            try await fixture.life { _ in
                try await eventually("it is put aside") { try fixture.names() == [".done"] }
            }
            // A file that is moved is the same file.
            try FileManager.default.moveItem(
                atPath: fixture.folder + "/.done/first", toPath: fixture.folder + "/first")
            try await fixture.life { desk in
                try await eventually("it is put aside again") { try fixture.names("/.done") == ["first"] }
                #expect(desk.lines.first?.counts.repeated == 1)
            }
            #expect(try await fixture.calls().count == 1)
            // Another file of that name is not.
            try fixture.write("two", to: "first")
            try await fixture.life { _ in
                try await eventually("it is a call of its own") { try await fixture.calls().count == 2 }
            }
        }
    }

    @Test func aFullQueueLeavesTheFile() async throws {
        var limits = QueueLimits()
        limits.calls = 1
        try await DropFixture.with(limits: limits) { fixture in
            _ = try await fixture.queue.submit(Calls.make("in the way", at: fixture.queue.now))
            try fixture.write("one", to: "first")
            try await fixture.life { desk in
                try await eventually("it has failed") { desk.lines.first?.counts.failed == 1 }
                #expect(try fixture.names() == ["first"])
                try await fixture.queue.cancel("in the way")
                try await eventually("it is taken") { try fixture.names() == [".done"] }
            }
        }
    }

    @Test func hostileNamesAreBytes() async throws {
        try await DropFixture.with { fixture in
            let name = "a\r\nX-Evil: 1 %ä"
            try fixture.write("one", to: name)
            try await fixture.life { _ in
                try await eventually("it is taken") { try fixture.names() == [".done"] }
            }
            #expect(FileName(name).encoded == "a%0D%0AX-Evil%3A%201%20%25%C3%A4")
            #expect(FileName([0x2F, 0x00, 0x0A, 0xFF]).encoded == "%2F%00%0A%FF")
        }
    }

    @Test func namesOfOthersAreNotFollowed() async throws {
        try await DropFixture.with { fixture in
            let secret = fixture.root + "/secret"
            try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
            // The folder for what was delivered is a trap.
            try FileManager.default.createSymbolicLink(
                atPath: fixture.folder + "/.done", withDestinationPath: fixture.root)
            try FileManager.default.createSymbolicLink(atPath: fixture.folder + "/a", withDestinationPath: secret)
            try fixture.write("one", to: "b")
            try await fixture.life { desk in
                try await eventually("the good one is taken once") { try await fixture.calls().count == 1 }
                try await eventually("it is told of") { desk.lines.first?.lastError != nil }
            }
            #expect(try fixture.names("/.failed") == ["a", "a.reason"])
            #expect(try String(contentsOfFile: secret, encoding: .utf8) == "secret")
            #expect(try fixture.names().contains("b"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.root).sorted() == ["in", "secret"])
        }
    }

    /// A folder that is a link itself is not entered.
    @Test func aFolderThatIsALinkIsNotEntered() async throws {
        try await DropFixture.with { fixture in
            try FileManager.default.removeItem(atPath: fixture.folder)
            let elsewhere = fixture.root + "/elsewhere"
            try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: false)
            try Data("one".utf8).write(to: URL(fileURLWithPath: elsewhere + "/file"))
            try FileManager.default.createSymbolicLink(atPath: fixture.folder, withDestinationPath: elsewhere)
            try await fixture.life { desk in
                try await eventually("it is told of") { desk.lines.first?.lastError != nil }
            }
            #expect(try await fixture.calls().isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere) == ["file"])
        }
    }
}
