import Containers
import Foundation

/// Replaces the installed programs and sees that the new daemon works; otherwise all is put back.
struct Upgrade: Sendable {
    /// The new faasd.
    let source: String
    let configuration: Configuration
    let paths: HostPaths
    /// How long the new daemon may take.
    let limit: Duration
    let runner: any CommandRunner

    private var directory: String { configuration.dataDirectory + "/upgrade" }
    private var systemctl: Systemctl { Systemctl(runner: runner) }
    private var watch: HealthWatch {
        HealthWatch(
            systemctl: systemctl, binary: paths.binary, probe: HealthProbe(configuration.listen), limit: limit)
    }

    func run() async throws {
        try configuration.makeDirectories([directory])
        let lock = try InstanceLock(directory: directory, name: "upgrade")
        defer { lock.release() }
        let candidate = Candidate(source: source, paths: paths, stage: directory + "/stage", runner: runner)
        let version = try await candidate.check()
        print("replacing \(await installedVersion()) by \(version)")
        let files = try await candidate.files()
        let saved = SavedVersion(directory: directory + "/previous", dataDirectory: configuration.dataDirectory)
        try saved.save(files.map(\.path))
        try saved.forgetDatabases()
        let reason = await replace(files)
        guard let reason else {
            print("\(version) serves")
            return
        }
        print("\(version) does not work: \(reason)")
        try await goBack(to: saved)
        throw InstallError(
            "the old version is back and serves; why the new one did not: journalctl --unit faasd --since -5m")
    }

    private func installedVersion() async -> String {
        let result = try? await runner.run(Command(paths.binary, ["version"], timeLimit: .seconds(10)))
        return result.flatMap { Candidate.version(in: $0.outputText) } ?? "what is installed"
    }

    /// - Returns: why the new daemon does not work; `nil` when it does.
    private func replace(_ files: [Candidate.File]) async -> String? {
        do {
            let before = try await watch.state()
            let hasNewSockets = try put(files)
            try await restart(hasNewSockets: hasNewSockets)
            return try await watch.wait(replacing: before.process)
        } catch {
            return "\(error)"
        }
    }

    /// - Returns: whether the unit of the sockets has changed.
    private func put(_ files: [Candidate.File]) throws -> Bool {
        var hasNewSockets = false
        for file in files where FileManager.default.contents(atPath: file.path) != Data(file.bytes) {
            try InstalledFile.write(file.bytes, to: file.path, permissions: file.permissions)
            if file.path == paths.socketUnitFile { hasNewSockets = true }
        }
        return hasNewSockets
    }

    private func restart(hasNewSockets: Bool) async throws {
        try await systemctl("daemon-reload")
        guard hasNewSockets else { return try await systemctl("restart", "--no-block", HostPaths.unit) }
        // systemd gives no new sockets to a service that runs.
        try await systemctl("stop", HostPaths.unit)
        try await systemctl("restart", HostPaths.socketUnit)
        try await systemctl("start", "--no-block", HostPaths.unit)
    }

    private func goBack(to saved: SavedVersion) async throws {
        print("putting the old version back")
        let hasNewSockets = try saved.restore(socketUnit: paths.socketUnitFile)
        try await systemctl("daemon-reload")
        let lock = try await end()
        do {
            let restored = try saved.restoreDatabases()
            for name in restored { print("\(name) is as it was before the new version changed its shape") }
        } catch {
            lock.release()
            throw error
        }
        lock.release()
        if hasNewSockets {
            try await systemctl("stop", HostPaths.unit)
            // The old version may have had no such unit.
            let verb = FileManager.default.fileExists(atPath: paths.socketUnitFile) ? "restart" : "stop"
            try await systemctl(verb, HostPaths.socketUnit)
        }
        try await systemctl("start", "--no-block", HostPaths.unit)
        if let reason = try await watch.wait(replacing: nil) {
            throw InstallError("the old version is back, but does not work either: \(reason); see journalctl -u faasd")
        }
    }

    /// Ends the daemon that does not work, and keeps another from beginning.
    ///
    /// It is not stopped as a unit: the next connection would start it again.
    private func end() async throws -> InstanceLock {
        let begin = ContinuousClock.now
        var asked: Int32?
        while true {
            if let lock = try? InstanceLock(directory: configuration.dataDirectory) { return lock }
            let age = begin.duration(to: .now)
            guard age < .seconds(60) else { throw InstallError("the new version cannot be ended; reboot this machine") }
            let process = try await watch.state().process
            if process > 1, age > .seconds(10) || asked != process {
                kill(process, age > .seconds(10) ? SIGKILL : SIGTERM)
                asked = process
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
