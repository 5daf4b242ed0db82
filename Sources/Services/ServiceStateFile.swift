import Foundation

/// How a service is, as the commands show it.
public struct ServiceState: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// The image in its short form.
    public let image: String
    /// `running`, `starting`, `failing` or `ended`.
    public let state: String
    /// Why it does not run, or what is wrong while it does; may be empty.
    public let reason: String
    /// Its address on the bridge, while it runs.
    public let address: String?
    /// Its container, while it runs.
    public let container: String?
    /// The ports of the host that lead to it, such as `127.0.0.1:6379->6379`.
    public let ports: [String]
    /// How often it was started again by itself since the daemon's start.
    public let restarts: Int
}

/// What the daemon tells its commands of services, and they it: files in the directory that does not outlive a reboot.
public struct ServiceStateFile: Sendable {
    /// All that is told.
    public struct Contents: Codable, Sendable, Equatable {
        /// Why the file of services cannot be used.
        public let problem: String?
        /// In the order of their start.
        public let services: [ServiceState]
    }

    private let folder: String
    private var path: String { folder + "/state.json" }
    private var requests: String { folder + "/restart" }

    /// - Parameter runDirectory: the daemon's.
    public init(runDirectory: String) {
        folder = runDirectory + "/services"
    }

    /// Whether a daemon has written it.
    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// What the daemon wrote last; nil when it never did.
    public func read() -> Contents? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(Contents.self, from: $0) }
    }

    /// Writes it, if it says something new. What cannot be written is missing for commands alone.
    func write(_ contents: Contents) {
        guard read() != contents, let data = try? JSONEncoder().encode(contents) else { return }
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Asks the daemon to start a service again.
    public func requestRestart(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: requests, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try Data().write(to: URL(fileURLWithPath: requests + "/" + name))
    }

    /// Whether such a request was not taken yet.
    public func isRequested(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: requests + "/" + name)
    }

    func takeRequests() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: requests)) ?? []
        for name in names { try? FileManager.default.removeItem(atPath: requests + "/" + name) }
        return names
    }

    func forgetRequests() { _ = takeRequests() }
}
