import Foundation

/// A containerd of one test's own, for tests that stop it.
public struct Containerd: Sendable {
    private let directory: String

    /// Its socket.
    public var address: String { directory + "/containerd.sock" }

    /// Runs a body with a containerd, and removes it with all its containers afterwards.
    public static func with(_ body: (Containerd) async throws -> Void) async throws {
        let containerd = Containerd(directory: NSTemporaryDirectory() + "faasd-ctd-\(getpid())")
        do {
            try await containerd.start()
            try await body(containerd)
        } catch {
            try? await containerd.call("containerd_stop")
            throw error
        }
        try await containerd.call("containerd_stop")
    }

    /// Starts the daemon; its containers of before are there again.
    public func start() async throws {
        try await call("containerd_start")
    }

    /// Ends the daemon and leaves its containers running.
    public func end() async throws {
        let text = try String(contentsOfFile: directory + "/containerd.pid", encoding: .utf8)
        guard let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestFailure("containerd has no pid file")
        }
        kill(pid, SIGTERM)
        try await eventually("containerd ends") { kill(pid, 0) != 0 }
    }

    /// Calls a function of `hack/lib/containerd.sh`.
    private func call(_ function: String) async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let script = """
            set -euo pipefail
            for part in common processes containerd; do . "$1/hack/lib/$part.sh"; done
            "$2" "$3"
            """
        try await Shell.must("bash", ["-c", script, "bash", root, function, directory])
    }
}
