import Foundation
import Synchronization

/// A daemon of a test's own: everything it makes bears a name that no other instance has.
public actor Daemon {
    /// Random, because process ids repeat in a PID namespace while control groups are the machine's.
    private static let first = Int.random(in: 0..<40_000)
    private static let counter = Atomic(0)

    /// What the tests were given.
    public nonisolated let environment: TestEnvironment
    /// The directory of everything the instance keeps.
    public nonisolated let directory: String
    /// The functions' bridge.
    public nonisolated let bridge: String
    /// Goes before the name of its containerd namespaces.
    public nonisolated let namespacePrefix: String
    private nonisolated let subnet: String
    private nonisolated let port: Int
    private var process: Process?
    private var extraArguments: [String] = []

    /// The gateway without the password.
    public nonisolated var curl: Curl { Curl(base: "http://127.0.0.1:\(port)") }

    /// The gateway with the password that the daemon made.
    public nonisolated func admin() throws -> Curl {
        let path = directory + "/data/secrets/basic-auth-password"
        let password = try String(contentsOfFile: path, encoding: .utf8)
        return Curl(base: curl.base, credentials: "admin:\(password)")
    }

    /// Runs a body with a daemon that serves, and removes everything afterwards, also when the body throws.
    ///
    /// - Parameters:
    ///   - containerd: the socket of another containerd than that of the tests.
    ///   - arguments: more flags; they win over those of the fixture.
    public static func with(
        containerd: String? = nil, arguments: [String] = [], _ body: (Daemon) async throws -> Void
    ) async throws {
        let daemon = try Daemon(containerd: containerd)
        do {
            try await daemon.prepare(arguments: arguments)
            try await daemon.start()
            try await body(daemon)
        } catch {
            let log = await daemon.logTail()
            try? await daemon.removeAll()
            throw TestFailure("\(error)\n--- the daemon's log:\n\(log)")
        }
        try await daemon.removeAll()
        try await daemon.checkNothingIsLeft()
    }

    private init(containerd: String?) throws {
        var environment = try TestEnvironment()
        if let containerd { environment.containerd = containerd }
        self.environment = environment
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let identity = (Self.first + number) % 40_000
        directory = NSTemporaryDirectory() + "faasd-test-\(identity)"
        bridge = "fdt\(identity)"
        namespacePrefix = "t\(identity)-"
        // A /24 for each, in a range that nothing else of the tests uses.
        subnet = "10.\(96 + identity % 30).\((identity / 30) % 250).0/24"
        // Below the ports that the kernel gives to whoever asks for any (32768 and up).
        port = 10_000 + identity % 20_000
    }

    private func prepare(arguments: [String]) throws {
        extraArguments = arguments
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private nonisolated var settings: [String] {
        [
            "--data-dir", directory + "/data", "--run-dir", directory + "/run", "--listen", "127.0.0.1:\(port)",
            "--containerd-address", environment.containerd, "--namespace-prefix", namespacePrefix,
            "--network", bridge + "-net", "--bridge", bridge, "--subnet", subnet,
            "--cni-config-dir", directory + "/cni", "--cni-data-dir", directory + "/run/cni",
            "--fwatchdog", environment.fwatchdog, "--stop-grace", "2s",
        ]
    }

    /// Starts the daemon and waits until it serves.
    public func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: environment.faasd)
        process.arguments = ["up", "--log-level", "debug"] + settings + extraArguments
        let log = directory + "/log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: log) else { throw TestFailure("cannot write \(log)") }
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
        try await eventually("the daemon serves") {
            guard process.isRunning else { throw TestFailure("the daemon ended at its start") }
            return try await curl("GET", "/healthz").status == 200
        }
    }

    /// Sends a signal to the daemon and waits for its end.
    public func end(signal: Int32) async throws {
        guard let process else { return }
        kill(process.processIdentifier, signal)
        try await eventually("the daemon ends", within: .seconds(90)) { !process.isRunning }
        self.process = nil
    }

    /// The end of the daemon's log.
    public func logTail() -> String {
        let text = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(40).joined(separator: "\n")
    }

    private func removeAll() async throws {
        if process?.isRunning == true { try await end(signal: SIGTERM) }
        try await Shell.must(environment.faasd, ["down"] + settings)
        let listed = try await Shell.must("ctr", ["--address", environment.containerd, "namespaces", "ls", "-q"])
        for namespace in listed.split(separator: "\n").map(String.init) where namespace.hasPrefix(namespacePrefix) {
            let arguments = ["--address", environment.containerd, "--namespace", namespace, "images"]
            let images = try await Shell.must("ctr", arguments + ["ls", "-q"]).split(separator: "\n").map(String.init)
            if !images.isEmpty { try await Shell.must("ctr", arguments + ["rm", "--sync"] + images) }
            _ = try await Shell.run("ctr", ["--address", environment.containerd, "namespaces", "rm", namespace])
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    /// Runs `ctr` in the namespace of the functions.
    @discardableResult
    public nonisolated func ctr(_ arguments: String...) async throws -> String { try await ctr(arguments) }

    @discardableResult
    private nonisolated func ctr(_ arguments: [String]) async throws -> String {
        try await Shell.must(
            "ctr", ["--address", environment.containerd, "--namespace", namespacePrefix + "openfaas-fn"] + arguments)
    }

    /// Imports an archive of `hack/base-images` into a namespace of functions.
    public nonisolated func importImage(_ name: String, namespace: String = "openfaas-fn") async throws {
        try await Shell.must(
            "ctr",
            [
                "--address", environment.containerd, "--namespace", namespacePrefix + namespace, "images", "import",
                "\(environment.images)/\(name).tar",
            ])
    }
}
