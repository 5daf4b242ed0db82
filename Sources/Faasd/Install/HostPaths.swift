/// Where an installation puts its files, below a root directory that is `/` but in tests and images.
struct HostPaths: Sendable {
    let root: String

    /// The name of the unit.
    static let unit = "faasd.service"
    /// The name of the unit of its sockets.
    static let socketUnit = "faasd.socket"

    var binary: String { root + "/usr/local/bin/faasd" }
    var watchdog: String { root + "/usr/local/bin/fwatchdog" }
    var unitFile: String { root + "/etc/systemd/system/\(Self.unit)" }
    var socketUnitFile: String { root + "/etc/systemd/system/\(Self.socketUnit)" }

    /// - Parameter root: an absolute path; `/` for this machine.
    init(root: String) {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// Whether the files are for the machine that this program runs on.
    var isThisMachine: Bool { root.isEmpty }
}
