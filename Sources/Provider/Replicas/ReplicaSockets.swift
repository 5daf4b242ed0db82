import Containers
import Foundation

/// The Unix sockets on which injected watchdogs take calls, beside TCP: each replica has a directory, mounted writable, and
/// its watchdog makes the socket in there.
///
/// What is in the directory is the function's: nothing in it is trusted, least of all that the socket is one.
struct ReplicaSockets: Sendable {
    /// Where a replica finds its directory.
    static let destination = "/run/fwatchdog"
    private static let name = "s"
    /// `sun_path` has 108 bytes, and a zero at its end.
    private static let longestPath = 107

    private let directory: BoundedDirectory

    /// - Parameter path: a directory of this instance's, not made yet.
    init(path: String) {
        // A directory and a socket for each of some thousands of replicas; neither needs a block.
        directory = BoundedDirectory(path: path, bytes: 1 << 20, files: 16_384)
    }

    /// The variable of the watchdog that names its socket.
    static var variable: ContainerSpec.Variable { .init("faasd_unix_socket", destination + "/" + name) }

    /// Makes the directory of a replica.
    ///
    /// - Returns: the directory to mount; `nil` where there can be none, and TCP alone has to do.
    func make(forReplica record: ReplicaRecord) -> String? {
        let folder = folder(record)
        guard socketPath(record).utf8.count <= Self.longestPath, (try? directory.make()) != nil,
            mkdir(folder, 0o700) == 0 || errno == EEXIST,
            // Its user may be anybody; on the host only root gets this far.
            chmod(folder, 0o777) == 0
        else { return nil }
        return folder
    }

    /// The socket of a replica that serves, if it has one.
    func path(ofReplica record: ReplicaRecord) -> String? {
        let path = socketPath(record)
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK ? path : nil
    }

    /// Removes the directory of a replica with whatever its function left there; an absent one is fine.
    func remove(forReplica record: ReplicaRecord) {
        // What cannot be removed is gone with the next start of the machine, and was bounded all along.
        try? FileManager.default.removeItem(atPath: folder(record))
    }

    /// Takes everything away.
    func removeAll() {
        directory.remove()
    }

    private func folder(_ record: ReplicaRecord) -> String { directory.path + "/" + record.networkNamespace }

    private func socketPath(_ record: ReplicaRecord) -> String { folder(record) + "/" + Self.name }
}
