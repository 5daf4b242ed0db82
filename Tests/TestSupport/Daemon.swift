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
    nonisolated let subnet: String
    /// How gateway and provider run.
    public nonisolated let setup: Setup
    nonisolated let port: Int
    /// Whether the data directory is a file system of its own, which can be full.
    private let dataSize: String?
    /// In the order of their start.
    private var processes: [(command: String, process: Process)] = []
    private var extraArguments: [String] = []

    private nonisolated var providerPort: Int { port + 1 }

    /// The port of the gateway's metrics, which asks for no password.
    public nonisolated var metricsPort: Int { port + 2 }

    /// A port that nobody else uses, for what a test has besides.
    public nonisolated var sparePort: Int { port + 3 }

    /// Another such.
    public nonisolated var secondSparePort: Int { port + 4 }

    /// The provider of a split setup without the password.
    public nonisolated var providerCurl: Curl { Curl(base: "http://127.0.0.1:\(providerPort)") }

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
    ///   - setup: how gateway and provider run.
    ///   - containerd: the socket of another containerd than that of the tests.
    ///   - arguments: more flags of whatever has the functions; they win over those of the fixture.
    ///   - dataSize: the size of a file system for the data directory alone, such as `8m`.
    public static func with(
        setup: Setup = .whole, containerd: String? = nil, arguments: [String] = [], dataSize: String? = nil,
        _ body: (Daemon) async throws -> Void
    ) async throws {
        let daemon = try Daemon(setup: setup, containerd: containerd, dataSize: dataSize)
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

    private init(setup: Setup, containerd: String?, dataSize: String?) throws {
        self.setup = setup
        self.dataSize = dataSize
        var environment = try TestEnvironment()
        if let containerd { environment.containerd = containerd }
        self.environment = environment
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let identity = (Self.first + number) % 40_000
        directory = NSTemporaryDirectory() + "faasd-test-\(identity)"
        bridge = "fdt\(identity)"
        namespacePrefix = "t\(identity)-"
        // A /22 for each, in a range that nothing else of the tests uses.
        subnet = "10.\(96 + identity % 30).\((identity / 30) % 62 * 4).0/22"
        // Five for each, below the ports that the kernel gives to whoever asks for any (32768 and up).
        port = 10_000 + identity % 4_500 * 5
    }

    private func prepare(arguments: [String]) async throws {
        extraArguments = arguments
        try FileManager.default.createDirectory(atPath: directory + "/data", withIntermediateDirectories: true)
        if let dataSize {
            try await Shell.must("mount", ["-t", "tmpfs", "-o", "size=\(dataSize)", "tmpfs", directory + "/data"])
        }
    }

    nonisolated var settings: [String] {
        [
            "--data-dir", directory + "/data", "--run-dir", directory + "/run",
            "--containerd-address", environment.containerd, "--namespace-prefix", namespacePrefix,
            "--network", bridge + "-net", "--bridge", bridge, "--subnet", subnet,
            "--cni-config-dir", directory + "/cni", "--cni-data-dir", directory + "/run/cni",
            "--fwatchdog", environment.fwatchdog, "--stop-grace", "2s",
        ]
    }

    nonisolated var gatewayAddresses: [String] {
        ["--listen", "127.0.0.1:\(port)", "--metrics-listen", "127.0.0.1:\(metricsPort)"]
    }

    /// Starts the daemon, or of two halves those that do not run, and waits until it serves.
    public func start() async throws {
        switch setup {
        case .whole:
            try await launch("up", settings + gatewayAddresses + extraArguments, serves: curl)
        case .split:
            try await launch(
                "provider", settings + ["--listen", "127.0.0.1:\(providerPort)"] + extraArguments,
                serves: providerCurl)
            let arguments = [
                "--data-dir", directory + "/data", "--provider-url", providerCurl.base,
            ]
            try await launch("gateway", gatewayAddresses + arguments, serves: curl)
        }
    }

    private func launch(_ command: String, _ arguments: [String], serves port: Curl) async throws {
        guard !processes.contains(where: { $0.command == command }) else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: environment.faasd)
        process.arguments = [command, "--log-level", "debug"] + arguments
        let log = "\(directory)/\(command).log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: log) else { throw TestFailure("cannot write \(log)") }
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try handle.close()
        processes.append((command, process))
        try await eventually("faasd \(command) serves") {
            guard process.isRunning else { throw TestFailure("faasd \(command) ended at its start") }
            return try await port("GET", "/healthz").status == 200
        }
    }

    /// Sends a signal to the daemon, the gateway first, and waits for its end.
    ///
    /// - Parameter only: the command of the half that is meant, such as `provider`; `nil` for all.
    public func end(signal: Int32, only command: String? = nil) async throws {
        for (name, process) in processes.reversed() where command == nil || command == name {
            if process.isRunning { kill(process.processIdentifier, signal) }
            try await eventually("faasd \(name) ends", within: .seconds(90)) { !process.isRunning }
            processes.removeAll { $0.command == name }
        }
    }

    /// Sends a signal that the daemon lives on after.
    public func signal(_ signal: Int32) {
        if let processIdentifier { kill(processIdentifier, signal) }
    }

    /// The daemon's process.
    public var processIdentifier: Int32? { processes.first?.process.processIdentifier }

    /// What the daemon warned of.
    public func warnings() -> [String] {
        let text = (try? String(contentsOfFile: directory + "/up.log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.contains(" warning faasd") || $0.contains(" error faasd") }
            .map(String.init)
    }

    /// The end of the daemon's log.
    public func logTail() -> String {
        ["up", "provider", "gateway"].compactMap { command in
            guard let text = try? String(contentsOfFile: "\(directory)/\(command).log", encoding: .utf8) else {
                return nil
            }
            return "faasd \(command):\n" + text.split(separator: "\n").suffix(40).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Fills the file system of the data directory to its last page.
    public nonisolated func fillDisk() async throws {
        // It ends with an error when nothing more fits.
        _ = try await Shell.run("dd", ["if=/dev/zero", "of=\(filler)", "bs=4096", "status=none"])
    }

    /// Takes the filling away.
    public nonisolated func emptyDisk() { unlink(filler) }

    private nonisolated var filler: String { directory + "/data/filler" }

    private func removeAll() async throws {
        emptyDisk()
        try await end(signal: SIGTERM)
        try await Shell.must(environment.faasd, ["down"] + settings)
        let listed = try await Shell.must("ctr", ["--address", environment.containerd, "namespaces", "ls", "-q"])
        for namespace in listed.split(separator: "\n").map(String.init) where namespace.hasPrefix(namespacePrefix) {
            let arguments = ["--address", environment.containerd, "--namespace", namespace, "images"]
            let images = try await Shell.must("ctr", arguments + ["ls", "-q"]).split(separator: "\n").map(String.init)
            if !images.isEmpty { try await Shell.must("ctr", arguments + ["rm", "--sync"] + images) }
            _ = try await Shell.run("ctr", ["--address", environment.containerd, "namespaces", "rm", namespace])
        }
        if dataSize != nil { try await Shell.must("umount", [directory + "/data"]) }
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

    /// Imports an archive of `hack/base-images` into the namespace of the functions.
    public nonisolated func importImage(_ name: String) async throws {
        try await ctr("images", "import", "\(environment.images)/\(name).tar")
    }
}
