import Foundation
import Gateway

/// What an installation puts on the disk.
struct Installation: Sendable {
    let paths: HostPaths
    let configuration: Configuration
    /// The settings to be noted in the configuration file.
    let noted: [Setting: String]

    private var configFile: ConfigFile { ConfigFile(path: paths.root + configuration.dataDirectory + "/config.yaml") }

    /// The steps in words; nothing is changed.
    func plan(starting: Bool) throws -> [String] {
        var steps = [(Executable.path, paths.binary), (configuration.watchdogPath, paths.watchdog)].compactMap {
            FileManager.default.contents(atPath: $0) == FileManager.default.contents(atPath: $1)
                ? nil : "copy \($0) to \($1)"
        }
        if try !configFile.has(noted) {
            let names = noted.keys.map(\.rawValue).sorted().joined(separator: ", ")
            steps.append("note in \(configFile.path): \(names)")
        }
        let password = Credentials.passwordPath(secretsDirectory: paths.root + configuration.secretsDirectory)
        if !FileManager.default.fileExists(atPath: password) { steps.append("make the password \(password)") }
        for (path, bytes) in try Units(configuration).files(paths)
        where FileManager.default.contents(atPath: path) != Data(bytes) {
            steps.append("write \(path)")
        }
        if starting, paths.isThisMachine { steps.append("enable and (re)start \(HostPaths.unit)") }
        return steps.isEmpty ? ["nothing: all is in its place"] : steps
    }

    /// - Returns: whether the unit of the sockets has changed.
    func run() throws -> Bool {
        try copyPrograms()
        if try configFile.set(noted) { print("noted the settings in \(configFile.path)") }
        _ = try Credentials(secretsDirectory: paths.root + configuration.secretsDirectory)
        var hasNewSockets = false
        for (path, bytes) in try Units(configuration).files(paths) {
            if FileManager.default.contents(atPath: path) == Data(bytes) { continue }
            try InstalledFile.write(bytes, to: path, permissions: 0o644)
            print("installed \(path)")
            if path == paths.socketUnitFile { hasNewSockets = true }
        }
        return hasNewSockets
    }

    private func copyPrograms() throws {
        for (source, target) in [(Executable.path, paths.binary), (configuration.watchdogPath, paths.watchdog)]
        where try InstalledFile.copyProgram(from: source, to: target) {
            print("installed \(target)")
        }
        if let sentence = try CommandLink(paths: paths).make() { print(sentence) }
    }
}
