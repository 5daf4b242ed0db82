import Containers
import Foundation

/// A new version, before it is installed.
struct Candidate: Sendable {
    /// A file to be put in its place.
    struct File: Sendable {
        let path: String
        let bytes: [UInt8]
        let permissions: mode_t
    }

    let source: String
    let paths: HostPaths
    /// A directory that the new version installs itself into, for its units.
    let stage: String
    let runner: any CommandRunner

    private var watchdog: String { URL(fileURLWithPath: source).deletingLastPathComponent().path + "/fwatchdog" }

    /// Sees that there is something to replace, and that the new version runs on this machine at all.
    ///
    /// - Returns: what it calls itself.
    func check() async throws -> String {
        guard FileManager.default.fileExists(atPath: paths.unitFile),
            FileManager.default.fileExists(atPath: paths.binary)
        else {
            throw InstallError(
                "there is no \(paths.binary) with its unit to be replaced: sudo \(source) install does both; "
                    + "a faasd that came as a package is upgraded by apt")
        }
        guard source != paths.binary else {
            throw InstallError("\(source) is the one that is installed: name the new one with --from FILE")
        }
        for file in [source, watchdog] where !FileManager.default.isExecutableFile(atPath: file) {
            throw InstallError("\(file) is not there, or is no program; nothing was changed")
        }
        let result = try? await runner.run(Command(source, ["version"], timeLimit: .seconds(10)))
        guard let result, result.succeeded, let version = Self.version(in: result.outputText) else {
            let reason = result.map { "\($0.status) \($0.error.prefix(500))" } ?? "it cannot be started"
            throw InstallError("\(source) does not run on this machine (\(reason)); nothing was changed")
        }
        return version
    }

    /// `faasd 1.2.3 (COMMIT)` out of what `faasd version` prints.
    static func version(in text: String) -> String? {
        guard let match = text.prefixMatch(of: /faasd (\S+)\tcommit: (\S+)/) else { return nil }
        return "faasd \(match.1) (\(match.2.prefix(12)))"
    }

    /// Everything that it installs. Its units are its own affair, so it is asked for them; that it understands the settings
    /// shows at the same time.
    func files() async throws -> [File] {
        try? FileManager.default.removeItem(atPath: stage)
        defer { try? FileManager.default.removeItem(atPath: stage) }
        let result = try await runner.run(
            Command(source, ["install", "--root", stage, "--no-start"], timeLimit: .seconds(60)))
        guard result.succeeded else {
            throw InstallError("\(source) refuses these settings: \(result.error.prefix(1000)); nothing was changed")
        }
        var files: [File] = []
        for path in [paths.unitFile, paths.socketUnitFile] {
            guard let bytes = FileManager.default.contents(atPath: stage + path) else { continue }
            files.append(File(path: path, bytes: Array(bytes), permissions: 0o644))
        }
        // The watchdog first: a new faasd puts it into containers.
        for (from, path) in [(watchdog, paths.watchdog), (source, paths.binary)] {
            guard let bytes = FileManager.default.contents(atPath: from) else {
                throw InstallError("cannot read \(from); nothing was changed")
            }
            files.append(File(path: path, bytes: Array(bytes), permissions: 0o755))
        }
        return files
    }
}
