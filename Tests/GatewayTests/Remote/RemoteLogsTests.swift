import NIOCore
import OpenFaaSAPI
import Provider
import Proxy
import Synchronization
import Testing

@testable import Gateway

/// Logs as a stream, from another machine.
struct RemoteLogsTests {
    private let line = #"{"name":"f","namespace":"openfaas-fn","instance":"i","timestamp":"t","text":"TEXT"}"#

    @Test func linesComeAsTheyAreWrittenAndLeavingEndsTheRequest() async throws {
        let source = LogSource(line: line)
        try await RemoteFixture.with(source) { fixture in
            let request = LogRequest(
                name: try FunctionName("f"), instance: "a b", since: "2026-01-01T00:00:00+01:00", tail: 3, follow: true)
            do {
                var texts: [String] = []
                for try await message in try await fixture.remote.logs(request) {
                    texts.append(message.text)
                    // The source goes on only when told, so each of these came before the next was written.
                    source.next()
                    if texts.count == 3 { break }
                }
                #expect(texts == ["line 0", "line 1", "line 2"])
            }
            #expect(
                source.target
                    == "/system/logs?name=f&namespace=openfaas-fn&follow=true&instance=a%20b"
                    + "&since=2026-01-01T00%3A00%3A00%2B01%3A00&tail=3")
            try await source.waitForEnd()
        }
    }

    @Test func aCancelledReaderEndsTheRequest() async throws {
        let source = LogSource(line: line)
        try await RemoteFixture.with(source) { fixture in
            let request = LogRequest(name: try FunctionName("f"), follow: true)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await _ in try await fixture.remote.logs(request) { source.sawLine() }
                }
                await source.waitForLine()
                group.cancelAll()
            }
            try await source.waitForEnd()
        }
    }

    @Test func aRefusalAndAnOddLineAreErrors() async throws {
        try await RemoteFixture.with({ request, _ in
            request.target.contains("name=none") ? (404, "") : (200, "no JSON\n")
        }) { fixture in
            let missing = try FunctionName("none")
            let error = await #expect(throws: ProviderError.self) {
                _ = try await fixture.remote.logs(LogRequest(name: missing))
            }
            #expect(error?.code == .notFound)
            let stream = try await fixture.remote.logs(LogRequest(name: try FunctionName("f")))
            await #expect(throws: ProviderError.self) { for try await _ in stream {} }
        }
    }
}

/// Writes a line whenever it is told to, and notices when nobody listens any more.
private final class LogSource: Fallback {
    let line: String
    private let steps = AsyncStream.makeStream(of: Void.self)
    private let ends = AsyncStream.makeStream(of: Void.self)
    private let seen = AsyncStream.makeStream(of: Void.self)
    private let asked = Mutex("")

    init(line: String) {
        self.line = line
    }

    var target: String { asked.withLock { $0 } }

    func next() { steps.continuation.yield() }
    func sawLine() { seen.continuation.yield() }

    func waitForLine() async {
        for await _ in seen.stream { return }
    }

    func waitForEnd() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in self.ends.stream { return true }
                return false
            }
            group.addTask {
                try await Task.sleep(for: .seconds(10))
                return false
            }
            let ended = try await group.next() ?? false
            group.cancelAll()
            #expect(ended, "the request did not end")
        }
    }

    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        asked.withLock { $0 = request.target }
        var number = 0
        do {
            try await writer.writeHead(status: 200, headers: [(name: "Content-Type", value: "application/x-ndjson")])
            try await write(number, writer)
            for await _ in steps.stream {
                number += 1
                try await write(number, writer)
            }
        } catch {
            // Nobody listens; that is what the end says.
        }
        ends.continuation.yield()
    }

    private func write(_ number: Int, _ writer: FallbackWriter) async throws {
        let text = line.replacing("TEXT", with: "line \(number)") + "\n"
        // In two pieces, as a network may deliver it.
        try await writer.write(ByteBuffer(string: String(text.prefix(20))))
        try await writer.write(ByteBuffer(string: String(text.dropFirst(20))))
    }
}
