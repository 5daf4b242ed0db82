import Dispatch
import Glibc
import Testing

@testable import Containers

/// The collector at the pipes that containerd would give it.
@Suite struct LogCollectorTests {
    private struct Pipe {
        let read: Int32
        let write: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            (read, write) = (ends[0], ends[1])
        }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.write(write, $0.baseAddress?.advanced(by: sent), bytes.count - sent)
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    private func collect(in directory: String, _ write: (Pipe, Pipe) -> Void) throws {
        let options = try LogOptions(name: "fn", directory: directory, usesJournal: false)
        let collector = try LogCollector(options: options, namespace: "ns", id: "c1")
        let (output, error) = (Pipe(), Pipe())
        let (ready, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        DispatchQueue(label: "collector").async {
            collector.collect(standardOutput: output.read, standardError: error.read) { ready.signal() }
            ended.signal()
        }
        #expect(ready.wait(timeout: .now() + 10) == .success)
        write(output, error)
        close(output.write)
        close(error.write)
        #expect(ended.wait(timeout: .now() + 10) == .success)
        close(output.read)
        close(error.read)
    }

    @Test func bothStreams() async throws {
        try await TemporaryDirectory.with { directory in
            try collect(in: directory.path) { output, error in
                output.send("hello\nsecond ")
                output.send("line\n\nno line feed")
                error.send("oops\n")
            }
            let lines = LogTail(directory: directory.path, usesJournal: false)
                .lines(namespace: "ns", name: "fn", id: "c1", last: 10)
            let output = lines.filter { $0.stream == .output }.map(\.text)
            #expect(output == ["hello", "second line", "", "no line feed"])
            #expect(lines.filter { $0.stream == .error }.map(\.text) == ["oops"])
        }
    }

    @Test func muchOutput() async throws {
        try await TemporaryDirectory.with { directory in
            let line = String(repeating: "x", count: 99) + "\n"
            try collect(in: directory.path) { output, _ in
                for _ in 0..<100 { output.send(String(repeating: line, count: 1000)) }
            }
            #expect(directory.names("ns/fn") == ["c1.log", "c1.log.1", "c1.log.2"])
            #expect(directory.text("ns/fn/c1.log")?.hasSuffix("x\n") == true)
        }
    }

    @Test func aLineWithoutEnd() async throws {
        try await TemporaryDirectory.with { directory in
            try collect(in: directory.path) { output, _ in
                output.send(String(repeating: "y", count: (1 << 20) + 10) + "\n")
            }
            let text = try #require(directory.text("ns/fn/c1.log"))
            let tags = text.split(separator: "\n").map { $0.split(separator: " ")[2] }
            #expect(tags == ["P", "F"])
        }
    }

    @Test func aDiskThatTakesNothing() throws {
        try collect(in: "/proc/nonexistent") { output, _ in
            output.send(String(repeating: "x\n", count: 200_000))
        }
    }

    @Test(arguments: ["..", "a/b", ""])
    func hostileNames(name: String) throws {
        let options = try LogOptions(name: "fn", directory: "/x")
        #expect(throws: ContainersError.self) { try LogCollector(options: options, namespace: name, id: "c1") }
        #expect(throws: ContainersError.self) { try LogCollector(options: options, namespace: "ns", id: name) }
    }
}
