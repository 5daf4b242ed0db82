import Foundation

/// Which containers were begun: a file for each, made before anything else of it and removed after, so that it leads to
/// whatever a daemon that was killed has left. Network namespaces and addresses do not outlive a reboot, nor do these.
struct ServiceNotes: Sendable {
    let folder: String

    var all: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    func add(_ id: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try Data().write(to: URL(fileURLWithPath: folder + "/" + id))
    }

    func remove(_ id: String) {
        try? FileManager.default.removeItem(atPath: folder + "/" + id)
    }
}
