import Foundation
import Synchronization

/// A nats-server of a test's own, with JetStream, on a port of its own.
public final class NATSProcess: Sendable {
    private let directory: String
    private let program: String
    private let extraArguments: [String]
    private let process = Mutex<Process?>(nil)
    private let chosenPort = Mutex<Int?>(nil)

    /// Runs a body with a server that answers, and removes everything afterwards.
    ///
    /// - Parameter arguments: more of the server's own flags.
    public static func with<Value>(
        arguments: [String] = [], _ body: (NATSProcess) async throws -> Value
    ) async throws -> Value {
        let server = try NATSProcess(arguments)
        defer { server.remove() }
        try await server.start()
        return try await body(server)
    }

    private init(_ arguments: [String]) throws {
        guard let program = ProcessInfo.processInfo.environment["FAASD_TEST_NATS"], !program.isEmpty else {
            throw TestFailure("FAASD_TEST_NATS is not set: run the tests with `sudo hack/test`")
        }
        self.program = program
        extraArguments = arguments
        directory = NSTemporaryDirectory() + "nats-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// The port, once it was started.
    public var port: Int { chosenPort.withLock { $0 ?? 0 } }

    /// Its URL without credentials.
    public var url: String { "nats://127.0.0.1:\(port)" }

    /// Starts it, on the same port as before if it ran before, and waits until it takes connections.
    public func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        let port = chosenPort.withLock { $0 } ?? -1
        process.arguments =
            [
                "--jetstream", "--store_dir", directory + "/store", "--addr", "127.0.0.1", "--port", "\(port)",
                "--ports_file_dir", directory, "--log", directory + "/log",
            ] + extraArguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        let file = directory + "/nats-server_\(process.processIdentifier).ports"
        try await eventually("nats-server takes connections; its log is \(self.log)") {
            guard let data = FileManager.default.contents(atPath: file),
                let ports = try? JSONDecoder().decode(Ports.self, from: data),
                let found = ports.nats.first.flatMap({ URLComponents(string: $0)?.port })
            else { return false }
            self.chosenPort.withLock { $0 = found }
            return true
        }
    }

    private struct Ports: Decodable {
        var nats: [String]
    }

    /// The last of what it logged.
    private var log: String {
        String(
            decoding: FileManager.default.contents(atPath: directory + "/log")?.suffix(2000) ?? Data(), as: UTF8.self)
    }

    /// Kills it as a crash would, and waits for its end.
    public func kill() {
        let process = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops it for a while, as a machine that hangs would; it goes on with ``resume()``.
    public func suspend() { signal(SIGSTOP) }

    /// Lets it go on.
    public func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        if let process = process.withLock({ $0 }) { Foundation.kill(process.processIdentifier, number) }
    }

    private func remove() {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
