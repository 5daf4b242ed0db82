import CLI
import Foundation
import Glibc

/// The name `faas-cli` for this program, where nobody else has it.
struct CommandLink: Sendable {
    let paths: HostPaths
    /// The folders that commands are looked for in, with colons between; those of this machine.
    let searchPath: String

    init(paths: HostPaths, searchPath: String? = ProcessInfo.processInfo.environment["PATH"]) {
        self.paths = paths
        self.searchPath = searchPath ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }

    private var path: String { paths.root + "/usr/local/bin/" + FunctionCLI.program }
    /// Relative, so that it holds in an image that is built elsewhere.
    private static let destination = "faasd"

    private var isOurs: Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == Self.destination
    }

    /// Makes the link, unless there is another `faas-cli`.
    ///
    /// - Returns: what was done, as a sentence; `nil` when nothing was to do.
    func make() throws -> String? {
        guard !isOurs else { return nil }
        let folders =
            (paths.isThisMachine ? searchPath.split(separator: ":").map(String.init) : []) + [
                paths.root + "/usr/local/bin"
            ]
        if let other = folders.map({ $0 + "/" + FunctionCLI.program }).first(where: Self.exists) {
            return "\(other) is there and stays; `faasd fn` has the same commands"
        }
        guard symlink(Self.destination, path) == 0 else {
            throw InstallError("cannot make the link \(path): \(String(cString: strerror(errno)))")
        }
        return "installed \(path)"
    }

    /// Removes the link, if it is ours.
    func remove() throws {
        if isOurs { try InstalledFile.remove(path) }
    }

    /// Also a link to nothing is somebody's.
    private static func exists(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }
}
