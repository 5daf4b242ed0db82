import Glibc

/// The one user who may make namespaces, bridges and containers.
enum Root {
    /// - Throws: ``InstallError`` that names the command to use, for any other user.
    static func require(for command: String) throws {
        guard geteuid() == 0 else { throw InstallError("\(command) needs root: sudo faasd \(command)") }
    }
}
