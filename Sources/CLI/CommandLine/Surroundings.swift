import Foundation

/// What a command finds around it: variables and the current directory. A value, so that tests can make one.
struct Surroundings: Sendable {
    var environment: [String: String]
    var directory: String

    /// Those of this process.
    static var current: Surroundings {
        Surroundings(
            environment: ProcessInfo.processInfo.environment, directory: FileManager.default.currentDirectoryPath)
    }

    /// A variable that is set to something.
    subscript(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A path from here.
    func path(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// Whether this is a run of continuous integration, as `faas-cli` finds out.
    var isCI: Bool { ["true", "1"].contains(environment["CI"] ?? "") }
}
