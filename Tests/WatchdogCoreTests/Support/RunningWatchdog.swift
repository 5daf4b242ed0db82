import Glibc
import Testing

/// A real watchdog with a real function, on a port of its own, for as long as this object lives.
final class RunningWatchdog {
    let process: pid_t
    let folder: TemporaryFolder
    private(set) var port: UInt16 = 0
    private var exitStatus: Int32?

    /// - Parameters:
    ///   - command: the function.
    ///   - variables: the watchdog's environment, besides `PATH`, `TMPDIR`, a `port` that the kernel chooses, and no
    ///     metrics.
    ///   - wrapper: a command to start the watchdog with.
    ///   - binary: the watchdog, where the wrapper finds it; the one that was built when nil.
    ///   - log: gets its stdout and stderr; a file in `folder` when nil.
    init(
        _ command: [String], _ variables: [String: String] = [:], wrapper: [String] = [], binary: String? = nil,
        log: Int32? = nil
    ) throws {
        folder = try TemporaryFolder()
        let file = try folder.open("log")
        let none = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { for descriptor in [file, none] { close(descriptor) } }
        let defaults = [
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": folder.path, "port": "0", "metrics_port": "none",
        ]
        process = try Programs.start(
            wrapper + [try binary ?? Programs.watchdog()] + command,
            environment: variables.merging(defaults) { given, _ in given },
            descriptors: [none, log ?? file, log ?? file])
        guard log == nil else { return }
        try #require(eventually { self.log.contains("Listening on port: ") }, "no start: \(self.log)")
        let line = try #require(logLines.first { $0.contains("Listening on port: ") })
        port = try #require(UInt16(line.split(separator: " ").last ?? ""))
    }

    /// A function in shell language.
    convenience init(sh script: String, _ variables: [String: String] = [:]) throws {
        try self.init(["sh", "-c", script], variables)
    }

    deinit {
        guard exitStatus == nil else { return }
        // Each has a group of its own, and nobody else ends it: here no PID namespace ends with the watchdog.
        let functions = childrenOfAllThreads
        kill(-process, SIGKILL)
        _ = Programs.wait(process)
        for function in functions { kill(-function, SIGKILL) }
    }

    var log: String { folder.read("log") }
    var logLines: [String] { log.split(separator: "\n").map(String.init) }

    func waitForLog(_ text: String, within seconds: Double = 10) -> Bool {
        eventually(within: seconds) { log.contains(text) }
    }

    func client() throws -> HTTPClient { try HTTPClient(port: port) }

    /// One request on a connection of its own.
    func call(_ request: String) throws -> HTTPClient.Response {
        let client = try client()
        try client.send(request)
        return try client.response(toHead: request.hasPrefix("HEAD"))
    }

    func get(_ path: String = "/") throws -> HTTPClient.Response {
        try call("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
    }

    func post(_ body: String) throws -> HTTPClient.Response {
        try call("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// Waits for its end.
    func exit() -> Int32 {
        if let exitStatus { return exitStatus }
        let status = Programs.wait(process)
        exitStatus = status
        return status
    }

    /// Descriptors it has open now.
    var descriptors: Int { TemporaryFolder.names(in: "/proc/\(process)/fd").count }

    /// Its children, also those that a thread other than the first has started.
    private var childrenOfAllThreads: [pid_t] {
        TemporaryFolder.names(in: "/proc/\(process)/task").flatMap { thread in
            (readFile("/proc/\(process)/task/\(thread)/children") ?? "").split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// Its children, zombies included.
    var children: [pid_t] {
        let text = readFile("/proc/\(process)/task/\(process)/children") ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }

    /// Resident memory in KiB.
    var residentKiB: Int { memory("VmRSS:") }

    /// The part of it that is its own and not of its file, in KiB.
    var anonymousKiB: Int { memory("RssAnon:") }

    private func memory(_ name: String) -> Int {
        let status = readFile("/proc/\(process)/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
